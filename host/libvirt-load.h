/* libvirt's functions, loaded when libvirt is first asked for: it brings some 50 libraries, whose loading takes
 * longer than all else up to the first frame. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/error.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

/* Those that host/ calls. One that is missing here is an undefined symbol when linking. */
#define HV_LIBVIRT_FUNCTIONS(FUNCTION) \
    FUNCTION(virConnectClose) \
    FUNCTION(virConnectDomainEventDeregisterAny) \
    FUNCTION(virConnectDomainEventRegisterAny) \
    FUNCTION(virConnectGetAllDomainStats) \
    FUNCTION(virConnectGetLibVersion) \
    FUNCTION(virConnectGetURI) \
    FUNCTION(virConnectIsAlive) \
    FUNCTION(virConnectListAllDomains) \
    FUNCTION(virConnectOpen) \
    FUNCTION(virConnectOpenReadOnly) \
    FUNCTION(virConnectRegisterCloseCallback) \
    FUNCTION(virConnectSetKeepAlive) \
    FUNCTION(virConnectUnregisterCloseCallback) \
    FUNCTION(virDomainCreate) \
    FUNCTION(virDomainDefineXMLFlags) \
    FUNCTION(virDomainFree) \
    FUNCTION(virDomainGetConnect) \
    FUNCTION(virDomainGetControlInfo) \
    FUNCTION(virDomainGetID) \
    FUNCTION(virDomainGetJobInfo) \
    FUNCTION(virDomainGetJobStats) \
    FUNCTION(virDomainGetName) \
    FUNCTION(virDomainGetNumaParameters) \
    FUNCTION(virDomainGetState) \
    FUNCTION(virDomainGetUUIDString) \
    FUNCTION(virDomainGetXMLDesc) \
    FUNCTION(virDomainHasManagedSaveImage) \
    FUNCTION(virDomainIsActive) \
    FUNCTION(virDomainIsPersistent) \
    FUNCTION(virDomainListGetStats) \
    FUNCTION(virDomainLookupByName) \
    FUNCTION(virDomainLookupByUUIDString) \
    FUNCTION(virDomainManagedSave) \
    FUNCTION(virDomainManagedSaveRemove) \
    FUNCTION(virDomainPinEmulator) \
    FUNCTION(virDomainPinIOThread) \
    FUNCTION(virDomainPinVcpuFlags) \
    FUNCTION(virDomainRef) \
    FUNCTION(virDomainSetNumaParameters) \
    FUNCTION(virDomainShutdown) \
    FUNCTION(virDomainStatsRecordListFree) \
    FUNCTION(virEventRegisterDefaultImpl) \
    FUNCTION(virEventRunDefaultImpl) \
    FUNCTION(virGetLastError) \
    FUNCTION(virInitialize) \
    FUNCTION(virSetErrorFunc) \
    FUNCTION(virTypedParamsAddInt) \
    FUNCTION(virTypedParamsAddString) \
    FUNCTION(virTypedParamsClear) \
    FUNCTION(virTypedParamsFree) \
    FUNCTION(virTypedParamsGetInt) \
    FUNCTION(virTypedParamsGetString) \
    FUNCTION(virTypedParamsGetULLong)

typedef struct {
#define HV_MEMBER(name) __typeof__(&name) name;
    HV_LIBVIRT_FUNCTIONS(HV_MEMBER)
#undef HV_MEMBER
} HvLibvirtFunctions;

/* Not to be called before hv_libvirt_load() has said TRUE. */
extern HvLibvirtFunctions hv_libvirt;

/** hv_libvirt_load: loads the library, once per process; ABSENT when it is not installed. Any thread. */
gboolean hv_libvirt_load(GError **error);

/* From here on the names mean what was loaded. */
#define virConnectClose hv_libvirt.virConnectClose
#define virConnectDomainEventDeregisterAny hv_libvirt.virConnectDomainEventDeregisterAny
#define virConnectDomainEventRegisterAny hv_libvirt.virConnectDomainEventRegisterAny
#define virConnectGetAllDomainStats hv_libvirt.virConnectGetAllDomainStats
#define virConnectGetLibVersion hv_libvirt.virConnectGetLibVersion
#define virConnectGetURI hv_libvirt.virConnectGetURI
#define virConnectIsAlive hv_libvirt.virConnectIsAlive
#define virConnectListAllDomains hv_libvirt.virConnectListAllDomains
#define virConnectOpen hv_libvirt.virConnectOpen
#define virConnectOpenReadOnly hv_libvirt.virConnectOpenReadOnly
#define virConnectRegisterCloseCallback hv_libvirt.virConnectRegisterCloseCallback
#define virConnectSetKeepAlive hv_libvirt.virConnectSetKeepAlive
#define virConnectUnregisterCloseCallback hv_libvirt.virConnectUnregisterCloseCallback
#define virDomainCreate hv_libvirt.virDomainCreate
#define virDomainDefineXMLFlags hv_libvirt.virDomainDefineXMLFlags
#define virDomainFree hv_libvirt.virDomainFree
#define virDomainGetConnect hv_libvirt.virDomainGetConnect
#define virDomainGetControlInfo hv_libvirt.virDomainGetControlInfo
#define virDomainGetID hv_libvirt.virDomainGetID
#define virDomainGetJobInfo hv_libvirt.virDomainGetJobInfo
#define virDomainGetJobStats hv_libvirt.virDomainGetJobStats
#define virDomainGetName hv_libvirt.virDomainGetName
#define virDomainGetNumaParameters hv_libvirt.virDomainGetNumaParameters
#define virDomainGetState hv_libvirt.virDomainGetState
#define virDomainGetUUIDString hv_libvirt.virDomainGetUUIDString
#define virDomainGetXMLDesc hv_libvirt.virDomainGetXMLDesc
#define virDomainHasManagedSaveImage hv_libvirt.virDomainHasManagedSaveImage
#define virDomainIsActive hv_libvirt.virDomainIsActive
#define virDomainIsPersistent hv_libvirt.virDomainIsPersistent
#define virDomainListGetStats hv_libvirt.virDomainListGetStats
#define virDomainLookupByName hv_libvirt.virDomainLookupByName
#define virDomainLookupByUUIDString hv_libvirt.virDomainLookupByUUIDString
#define virDomainManagedSave hv_libvirt.virDomainManagedSave
#define virDomainManagedSaveRemove hv_libvirt.virDomainManagedSaveRemove
#define virDomainPinEmulator hv_libvirt.virDomainPinEmulator
#define virDomainPinIOThread hv_libvirt.virDomainPinIOThread
#define virDomainPinVcpuFlags hv_libvirt.virDomainPinVcpuFlags
#define virDomainRef hv_libvirt.virDomainRef
#define virDomainSetNumaParameters hv_libvirt.virDomainSetNumaParameters
#define virDomainShutdown hv_libvirt.virDomainShutdown
#define virDomainStatsRecordListFree hv_libvirt.virDomainStatsRecordListFree
#define virEventRegisterDefaultImpl hv_libvirt.virEventRegisterDefaultImpl
#define virEventRunDefaultImpl hv_libvirt.virEventRunDefaultImpl
#define virGetLastError hv_libvirt.virGetLastError
#define virInitialize hv_libvirt.virInitialize
#define virSetErrorFunc hv_libvirt.virSetErrorFunc
#define virTypedParamsAddInt hv_libvirt.virTypedParamsAddInt
#define virTypedParamsAddString hv_libvirt.virTypedParamsAddString
#define virTypedParamsClear hv_libvirt.virTypedParamsClear
#define virTypedParamsFree hv_libvirt.virTypedParamsFree
#define virTypedParamsGetInt hv_libvirt.virTypedParamsGetInt
#define virTypedParamsGetString hv_libvirt.virTypedParamsGetString
#define virTypedParamsGetULLong hv_libvirt.virTypedParamsGetULLong
