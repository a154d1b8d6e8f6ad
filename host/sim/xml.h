/* A small tree of XML elements, written as libvirt writes them. Only for host/sim/. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/error.h"

/* An element. Opaque; its children belong to it. */
typedef struct HvSimXml HvSimXml;

/** hv_sim_xml_new: an element without parent. hv_sim_xml_free: with all below it; accepts NULL. */
HvSimXml *hv_sim_xml_new(const char *name);
void hv_sim_xml_free(HvSimXml *element);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HvSimXml, hv_sim_xml_free)
/** hv_sim_xml_parse: MALFORMED for what is no XML, is deeper than 64 elements or longer than 1 MiB. (transfer full) */
HvSimXml *hv_sim_xml_parse(const char *text, GError **error);
/** hv_sim_xml_to_text: two blanks a level, single quotes, as libvirt. (transfer full) */
char *hv_sim_xml_to_text(const HvSimXml *element);

/** hv_sim_xml_name, hv_sim_xml_text: borrowed; the text "" when there is none. */
const char *hv_sim_xml_name(const HvSimXml *element);
const char *hv_sim_xml_text(const HvSimXml *element);
/** hv_sim_xml_get: an attribute, borrowed, or NULL. */
const char *hv_sim_xml_get(const HvSimXml *element, const char *attribute);
/** hv_sim_xml_set: sets it. hv_sim_xml_setf: with a formatted value. */
void hv_sim_xml_set(HvSimXml *element, const char *attribute, const char *value);
void hv_sim_xml_setf(HvSimXml *element, const char *attribute, const char *format, ...) G_GNUC_PRINTF(3, 4);
/** hv_sim_xml_add: a new last child. hv_sim_xml_addf: with text. Borrowed. */
HvSimXml *hv_sim_xml_add(HvSimXml *parent, const char *name);
HvSimXml *hv_sim_xml_addf(HvSimXml *parent, const char *name, const char *format, ...) G_GNUC_PRINTF(3, 4);
/** hv_sim_xml_child: the first child of that name, and, unless @attribute is NULL, with that value of it; or NULL. */
HvSimXml *hv_sim_xml_child(const HvSimXml *parent, const char *name, const char *attribute, const char *value);
/** hv_sim_xml_place: moves the last child before the first one that @is_behind it says. */
void hv_sim_xml_place(HvSimXml *parent, gboolean (*is_behind)(const HvSimXml *other, const HvSimXml *last));
