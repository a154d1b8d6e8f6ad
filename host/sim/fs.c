/* The simulated machine's files: a tree of paths whose texts are made when they are read. */
/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sim/fs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MAX_LINKS 40 /* the kernel's limit on one way, see path_resolution(7) */
#define MAX_PATH_BYTES 4096u
#define MAX_NAME_BYTES 256u

typedef enum { NODE_FILE, NODE_DIR, NODE_LINK } NodeKind;

/* There are a hundred thousand of them on a large machine. */
typedef struct Node Node;
struct Node {
    Node *parent;
    const char *name;
    GPtrArray *children; /* of a directory; Node, in the order they came */
    union {
        const HvSimFileClass *file_class;
        const HvSimDirClass *dir_class;
    };
    gpointer owner, data;   /* of a link: @data is where it leads */
    guint n_open;           /* handles on it */
    guint8 kind;            /* NodeKind */
    guint8 owns_data, gone; /* booleans */
};

typedef struct {
    Node *node; /* NULL: free */
    gsize end;  /* where its last reading found the end, 0: it did not */
} Handle;

/* What was given to the tree to keep. */
typedef struct {
    gpointer data;
    GDestroyNotify free_data;
} Owned;

struct HvSimFs {
    Node *root;
    GHashTable *nodes;   /* of Node, by parent and name */
    GStringChunk *names; /* each once */
    GArray *handles;     /* of Handle */
    guint first_free;    /* no free handle is below it */
    GArray *owned;       /* of Owned */
};

/* ---- the tree ---- */

static int
read_fixed(gpointer owner G_GNUC_UNUSED, gpointer data, HvSimText *out)
{
    hv_sim_text(out, data);
    return 0;
}

static const HvSimFileClass fixed_class = { .read = read_fixed };

static guint
hash_node(gconstpointer key)
{
    const Node *node = key;

    return g_str_hash(node->name) * 31u + g_direct_hash(node->parent) / 16u;
}

static gboolean
is_same_node(gconstpointer a, gconstpointer b)
{
    const Node *left = a, *right = b;

    return left->parent == right->parent && strcmp(left->name, right->name) == 0;
}

static void
free_node(Node *node)
{
    if (node->children)
        g_ptr_array_unref(node->children);
    if (node->owns_data)
        g_free(node->data);
    g_free(node);
}

/* The table's hold on it ends; handles that are open keep it. */
static void
drop_node(gpointer data)
{
    Node *node = data;

    node->gone = TRUE;
    if (node->n_open == 0)
        free_node(node);
}

static Node *
find_child(const HvSimFs *fs, Node *parent, const char *name)
{
    const Node key = { .parent = parent, .name = name };

    return g_hash_table_lookup(fs->nodes, &key);
}

static Node *
new_node(HvSimFs *fs, Node *parent, const char *name, NodeKind kind)
{
    Node *node = g_new0(Node, 1);

    node->kind = (guint8)kind;
    node->name = g_string_chunk_insert_const(fs->names, name);
    node->parent = parent;
    if (kind == NODE_DIR)
        node->children = g_ptr_array_new();
    if (parent)
        g_ptr_array_add(parent->children, node);
    g_hash_table_add(fs->nodes, node);
    return node;
}

HvSimFs *
hv_sim_fs_new(void)
{
    HvSimFs *fs = g_new0(HvSimFs, 1);

    fs->nodes = g_hash_table_new_full(hash_node, is_same_node, drop_node, NULL);
    fs->names = g_string_chunk_new(4096);
    fs->handles = g_array_new(FALSE, TRUE, sizeof(Handle));
    fs->owned = g_array_new(FALSE, TRUE, sizeof(Owned));
    fs->root = new_node(fs, NULL, "", NODE_DIR);
    return fs;
}

void
hv_sim_fs_free(HvSimFs *fs)
{
    if (!fs)
        return;
    for (guint i = 0; i < fs->handles->len; i++)
        hv_sim_fs_close(fs, (int)i);
    g_hash_table_unref(fs->nodes);
    g_array_unref(fs->handles);
    for (guint i = fs->owned->len; i-- > 0;)
        g_array_index(fs->owned, Owned, i).free_data(g_array_index(fs->owned, Owned, i).data);
    g_array_unref(fs->owned);
    g_string_chunk_free(fs->names);
    g_free(fs);
}

gpointer
hv_sim_fs_own(HvSimFs *fs, gpointer take_data, GDestroyNotify free_data)
{
    const Owned owned = { take_data, free_data };

    g_array_append_val(fs->owned, owned);
    return take_data;
}

/* Takes the first part of *@way into @part. Returns: FALSE when there is none, or it is too
 * long. */
static gboolean
take_part(const char **way, char *part, gsize size)
{
    const char *start = *way + strspn(*way, "/");
    const gsize length = strcspn(start, "/");

    if (length == 0 || length >= size)
        return FALSE;
    memcpy(part, start, length);
    part[length] = '\0';
    *way = start + length;
    return TRUE;
}

static gboolean
is_last(const char *way)
{
    return way[strspn(way, "/")] == '\0';
}

/* The node at @path of @kind, with the directories above it: what is there, emptied, or made.
 */
static Node *
make_node(HvSimFs *fs, const char *path, NodeKind kind)
{
    char part[MAX_NAME_BYTES];
    Node *node = fs->root;

    while (take_part(&path, part, sizeof part)) {
        Node *child = find_child(fs, node, part);

        node = child ? child : new_node(fs, node, part, is_last(path) ? kind : NODE_DIR);
    }
    g_assert(node->kind == kind);
    if (node->owns_data)
        g_clear_pointer(&node->data, g_free);
    node->owns_data = FALSE;
    return node;
}

void
hv_sim_fs_file(HvSimFs *fs, const char *path, const HvSimFileClass *file_class, gpointer owner,
               gpointer data)
{
    Node *node = make_node(fs, path, NODE_FILE);

    node->file_class = file_class;
    node->owner = owner;
    node->data = data;
}

void
hv_sim_fs_filef(HvSimFs *fs, const HvSimFileClass *file_class, gpointer owner, gpointer data,
                const char *format, ...)
{
    char path[MAX_PATH_BYTES];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(path, sizeof path, format, values);
    va_end(values);
    hv_sim_fs_file(fs, path, file_class, owner, data);
}

void
hv_sim_fs_text(HvSimFs *fs, const char *path, const char *text)
{
    Node *node = make_node(fs, path, NODE_FILE);

    node->file_class = &fixed_class;
    node->data = g_strdup(text);
    node->owns_data = TRUE;
}

void
hv_sim_fs_textf(HvSimFs *fs, const char *text, const char *format, ...)
{
    char path[MAX_PATH_BYTES];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(path, sizeof path, format, values);
    va_end(values);
    hv_sim_fs_text(fs, path, text);
}

void
hv_sim_fs_dir(HvSimFs *fs, const char *path, const HvSimDirClass *dir_class, gpointer owner,
              gpointer data)
{
    Node *node = make_node(fs, path, NODE_DIR);

    node->dir_class = dir_class;
    node->owner = owner;
    node->data = data;
}

void
hv_sim_fs_link(HvSimFs *fs, const char *path, const char *target)
{
    Node *node = make_node(fs, path, NODE_LINK);

    node->data = g_strdup(target);
    node->owns_data = TRUE;
}

static void
remove_node(HvSimFs *fs, Node *node)
{
    while (node->children && node->children->len > 0)
        remove_node(fs, node->children->pdata[node->children->len - 1]);
    (void)g_ptr_array_remove(node->parent->children, node);
    (void)g_hash_table_remove(fs->nodes, node);
}

/* ---- ways ---- */

/* A way as it is walked: where it has come to, and what is left of it. */
typedef struct {
    Node *at;
    char left[MAX_PATH_BYTES];
    guint n_links;
} Way;

/* Puts the target of the link @node before what is left. Returns: 0 or -errno. */
static int
follow(HvSimFs *fs, Way *way, const Node *node)
{
    const char *target = node->data;
    const gsize length = strlen(target), rest = strlen(way->left);

    if (++way->n_links > MAX_LINKS)
        return -ELOOP;
    if (length + rest + 1 >= sizeof way->left)
        return -ENAMETOOLONG;
    memmove(way->left + length, way->left, rest + 1);
    memcpy(way->left, target, length);
    way->at = *target == '/' ? fs->root : node->parent;
    return 0;
}

/* Goes one part on. Returns: 0 or -errno. */
static int
walk_part(HvSimFs *fs, Way *way, const char *part, gboolean follow_last)
{
    Node *node;

    if (way->at->kind != NODE_DIR)
        return -ENOTDIR;
    if (strcmp(part, ".") == 0)
        return 0;
    if (strcmp(part, "..") == 0) {
        way->at = way->at->parent ? way->at->parent : fs->root;
        return 0;
    }
    node = find_child(fs, way->at, part);
    if (!node)
        return -ENOENT;
    if (node->kind == NODE_LINK && (follow_last || !is_last(way->left)))
        return follow(fs, way, node);
    way->at = node;
    return 0;
}

/* The node of @path; NULL with *@errnum a positive error number. */
static Node *
resolve(HvSimFs *fs, const char *path, gboolean follow_last, int *errnum)
{
    Way way = { .at = fs->root };
    char part[MAX_NAME_BYTES];
    int result = 0;

    if (g_strlcpy(way.left, path, sizeof way.left) >= sizeof way.left)
        result = -ENAMETOOLONG;
    while (result == 0 && !is_last(way.left)) {
        const char *left = way.left;

        if (!take_part(&left, part, sizeof part)) {
            result = -ENAMETOOLONG;
            break;
        }
        memmove(way.left, left, strlen(left) + 1);
        result = walk_part(fs, &way, part, follow_last);
    }
    *errnum = -result;
    return result == 0 ? way.at : NULL;
}

void
hv_sim_fs_remove(HvSimFs *fs, const char *path)
{
    int errnum;
    Node *node = resolve(fs, path, FALSE, &errnum);

    if (node && node->parent)
        remove_node(fs, node);
}

gboolean
hv_sim_fs_exists(HvSimFs *fs, const char *path)
{
    int errnum;

    return resolve(fs, path, TRUE, &errnum) != NULL;
}

GPtrArray *
hv_sim_fs_list(HvSimFs *fs, const char *path, int *errnum)
{
    const Node *node = resolve(fs, path, TRUE, errnum);
    GPtrArray *names;

    if (!node)
        return NULL;
    if (node->kind != NODE_DIR) {
        *errnum = ENOTDIR;
        return NULL;
    }
    names = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < node->children->len; i++)
        g_ptr_array_add(names, g_strdup(((const Node *)node->children->pdata[i])->name));
    return names;
}

char *
hv_sim_fs_readlink(HvSimFs *fs, const char *path, int *errnum)
{
    const Node *node = resolve(fs, path, FALSE, errnum);

    if (!node)
        return NULL;
    if (node->kind != NODE_LINK) {
        *errnum = EINVAL;
        return NULL;
    }
    return g_strdup(node->data);
}

/* ---- handles ---- */

int
hv_sim_fs_open(HvSimFs *fs, const char *path)
{
    int errnum;
    Node *node = resolve(fs, path, TRUE, &errnum);
    guint handle = fs->first_free;

    if (!node)
        return -errnum;
    if (node->kind == NODE_FILE && !node->file_class->read)
        return -EACCES;
    while (handle < fs->handles->len && g_array_index(fs->handles, Handle, handle).node)
        handle++;
    if (handle == fs->handles->len)
        g_array_set_size(fs->handles, handle + 1);
    g_array_index(fs->handles, Handle, handle) = (Handle){ .node = node };
    fs->first_free = handle + 1;
    node->n_open++;
    return (int)handle;
}

/* The open handle of that number, or NULL. */
static Handle *
find_handle(HvSimFs *fs, int handle)
{
    Handle *found;

    if (handle < 0 || (guint)handle >= fs->handles->len)
        return NULL;
    found = &g_array_index(fs->handles, Handle, handle);
    return found->node ? found : NULL;
}

/* Who has come to the end asks once more there: the text is not made again to say so. */
gssize
hv_sim_fs_pread(HvSimFs *fs, int handle, char *buffer, gsize size, gsize offset)
{
    HvSimText out = { .buffer = buffer, .size = size, .skip = offset };
    Handle *open = find_handle(fs, handle);
    gsize end;
    int result;

    if (!open)
        return -EBADF;
    if (open->node->gone)
        return -ENODEV;
    if (open->node->kind != NODE_FILE)
        return -EISDIR;
    end = open->end;
    open->end = 0;
    if (end && offset == end)
        return 0;
    result = open->node->file_class->read(open->node->owner, open->node->data, &out);
    if (result < 0)
        return result;
    if (out.length <= offset + size)
        open->end = out.length;
    return out.length > offset ? (gssize)MIN(out.length - offset, size) : 0;
}

void
hv_sim_fs_close(HvSimFs *fs, int handle)
{
    Handle *open = find_handle(fs, handle);
    Node *node;

    if (!open)
        return;
    node = open->node;
    open->node = NULL;
    fs->first_free = MIN(fs->first_free, (guint)handle);
    if (--node->n_open == 0 && node->gone)
        free_node(node);
}

/* ---- changes ---- */

int
hv_sim_fs_write(HvSimFs *fs, const char *path, const char *text)
{
    int errnum;
    const Node *node = resolve(fs, path, TRUE, &errnum);

    if (!node)
        return -errnum;
    if (node->kind == NODE_DIR)
        return -EISDIR;
    if (!node->file_class->write)
        return -EACCES;
    return node->file_class->write(node->owner, node->data, text, strlen(text));
}

/* The directory that @path is to be in, and in *@name its last part; NULL with @errnum. */
static const Node *
resolve_above(HvSimFs *fs, const char *path, char **name, int *errnum)
{
    g_autofree char *above = g_path_get_dirname(path);
    const Node *node = resolve(fs, strcmp(above, ".") == 0 ? "" : above, TRUE, errnum);

    if (!node)
        return NULL;
    if (node->kind != NODE_DIR) {
        *errnum = ENOTDIR;
        return NULL;
    }
    *name = g_path_get_basename(path);
    return node;
}

int
hv_sim_fs_mkdir(HvSimFs *fs, const char *path)
{
    g_autofree char *name = NULL;
    int errnum;
    const Node *above = resolve_above(fs, path, &name, &errnum);

    if (!above)
        return -errnum;
    if (resolve(fs, path, FALSE, &errnum))
        return -EEXIST;
    if (!above->dir_class || !above->dir_class->mkdir)
        return -EPERM;
    return above->dir_class->mkdir(above->owner, above->data, name);
}

int
hv_sim_fs_rename(HvSimFs *fs, const char *from, const char *to)
{
    g_autofree char *name = NULL;
    g_autofree char *to_name = NULL;
    int errnum;
    const Node *above = resolve_above(fs, from, &name, &errnum);
    const Node *to_above = above ? resolve_above(fs, to, &to_name, &errnum) : NULL;

    if (!to_above || !resolve(fs, from, FALSE, &errnum))
        return -errnum;
    if (resolve(fs, to, FALSE, &errnum))
        return -EEXIST;
    if (!above->dir_class || above->dir_class != to_above->dir_class ||
        !above->dir_class->rename)
        return -EPERM;
    return above->dir_class->rename(above->owner, above->data, name, to_above->data, to_name);
}

int
hv_sim_fs_rmdir(HvSimFs *fs, const char *path)
{
    g_autofree char *name = NULL;
    int errnum;
    const Node *above = resolve_above(fs, path, &name, &errnum), *node;

    if (!above)
        return -errnum;
    node = resolve(fs, path, FALSE, &errnum);
    if (!node)
        return -errnum;
    if (node->kind != NODE_DIR)
        return -ENOTDIR;
    if (!above->dir_class || !above->dir_class->rmdir)
        return -EPERM;
    return above->dir_class->rmdir(above->owner, above->data, name);
}
