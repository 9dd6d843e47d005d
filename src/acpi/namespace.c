/*
 * namespace.c - the nodes of the namespace, from the interpreter's listing: a level, a name of four
 * characters, a type, an address, and what the type has to say.
 */
#include "acpi/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NODES_MAX = 1 << 18, LEVELS_MAX = ACPI_PATH_BYTES / (NAME_CHARACTERS + 1) };

enum node_kind { NODE_OTHER, NODE_DEVICE, NODE_METHOD, NODE_INTEGER };

struct acpi_node {
    char path[ACPI_PATH_BYTES];
    size_t parent; /* its place in the list; the root's is 0 for itself too */
    unsigned level;
    enum node_kind kind;
    unsigned argument_count;
    uint64_t number; /* of an integer; of a device: its _ADR */
    bool has_number;
};

static struct {
    struct acpi_node *nodes; /* the root is the first; parents before their children */
    size_t count, room;
} namespace;

/* ---- from the listing ---- */

static struct acpi_node *node_add(void)
{
    if (namespace.count == namespace.room) {
        size_t room = namespace.room == 0 ? 256 : 2 * namespace.room;
        struct acpi_node *longer =
            room <= NODES_MAX ? realloc(namespace.nodes, room * sizeof(*longer)) : NULL;
        if (longer == NULL)
            return NULL;
        namespace.nodes = longer;
        namespace.room = room;
    }
    struct acpi_node *node = &namespace.nodes[namespace.count++];
    *node = (struct acpi_node){0};
    return node;
}

static bool is_name(const char *name)
{
    for (unsigned i = 0; i < NAME_CHARACTERS; i++) {
        if (!(name[i] >= 'A' && name[i] <= 'Z') && name[i] != '_' &&
            !(i != 0 && name[i] >= '0' && name[i] <= '9'))
            return false;
    }
    return name[NAME_CHARACTERS] == '\0';
}

static void details_read(struct acpi_node *node, const char *type, const char *rest)
{
    const char *at;

    if (strcmp(type, "Device") == 0) {
        node->kind = NODE_DEVICE;
    } else if (strcmp(type, "Method") == 0 && (at = strstr(rest, "Args ")) != NULL) {
        node->kind = NODE_METHOD;
        node->argument_count = (unsigned)strtoul(at + 5, NULL, 16);
    } else if (strcmp(type, "Integer") == 0 && (at = strstr(rest, "= ")) != NULL) {
        node->kind = NODE_INTEGER;
        node->number = strtoull(at + 2, NULL, 16);
        node->has_number = true;
    }
}

/* What the interpreter and we have added is nobody's. */
static bool is_ours(const char *name)
{
    return strncmp(name, "XST", 3) == 0 || strcmp(name, "_TI_") == 0;
}

/* What does not look like a node is skipped: a method may have printed. 0 or -ENOMEM. */
static int line_read(const char *line, size_t above[LEVELS_MAX])
{
    char name[NAME_CHARACTERS + 2], type[32];
    unsigned level;
    int taken = 0;

    if (sscanf(line, "%u %5s %31s%n", &level, name, type, &taken) != 3 || !is_name(name) ||
        level + 1 >= LEVELS_MAX || (level != 0 && above[level] == SIZE_MAX))
        return 0;
    for (unsigned i = level + 1; i < LEVELS_MAX; i++)
        above[i] = SIZE_MAX;
    if (level == 0 && is_ours(name))
        return 0;
    struct acpi_node *node = node_add();
    if (node == NULL)
        return -ENOMEM;
    node->parent = above[level];
    node->level = level + 1;
    const struct acpi_node *parent = &namespace.nodes[node->parent];
    snprintf(node->path, sizeof(node->path), "%.*s%s%s",
             (int)(sizeof(node->path) - sizeof(name) - 1), parent->path,
             node->parent == 0 ? "" : ".", name);
    details_read(node, type, line + taken);
    above[level + 1] = namespace.count - 1;
    return 0;
}

int namespace_read(const char *listing)
{
    size_t above[LEVELS_MAX];
    char line[256];

    namespace_free();
    struct acpi_node *root = node_add();
    if (root == NULL)
        return -ENOMEM;
    snprintf(root->path, sizeof(root->path), "\\");
    for (unsigned i = 0; i < LEVELS_MAX; i++)
        above[i] = SIZE_MAX;
    above[0] = 0;
    while (*listing != '\0') {
        size_t length = strcspn(listing, "\n");
        snprintf(line, sizeof(line), "%.*s", (int)(length < sizeof(line) ? length : 0), listing);
        if (line_read(line, above) != 0)
            return -ENOMEM;
        listing += length + (listing[length] == '\n');
    }
    return namespace.count > 1 ? 0 : -EPROTO;
}

void namespace_free(void)
{
    free(namespace.nodes);
    namespace.nodes = NULL;
    namespace.count = namespace.room = 0;
}

/* ---- nodes ---- */

const char *acpi_node_path(const struct acpi_node *node)
{
    return node->path;
}

bool acpi_node_is_device(const struct acpi_node *node)
{
    return node->kind == NODE_DEVICE;
}

bool acpi_node_is_method(const struct acpi_node *node)
{
    return node->kind == NODE_METHOD;
}

unsigned node_argument_count(const struct acpi_node *node)
{
    return node->kind == NODE_METHOD ? node->argument_count : 0;
}

const struct acpi_node *acpi_next_child(const struct acpi_node *node, const struct acpi_node *child)
{
    size_t parent = (size_t)(node - namespace.nodes);
    size_t first = child != NULL ? (size_t)(child - namespace.nodes) : parent;

    for (size_t i = first + 1; i < namespace.count; i++) {
        if (namespace.nodes[i].level <= node->level)
            break;
        if (namespace.nodes[i].parent == parent)
            return &namespace.nodes[i];
    }
    return NULL;
}

/* The next name of a path, filled up to four characters; NULL: it is none. */
static const char *name_take(const char *path, char name[NAME_CHARACTERS + 1])
{
    size_t length = strcspn(path, ".");

    if (length == 0 || length > NAME_CHARACTERS)
        return NULL;
    memset(name, '_', NAME_CHARACTERS);
    name[NAME_CHARACTERS] = '\0';
    for (size_t i = 0; i < length; i++)
        name[i] = path[i] >= 'a' && path[i] <= 'z' ? (char)(path[i] - 'a' + 'A') : path[i];
    return path + length + (path[length] == '.' && path[length + 1] != '\0');
}

static const struct acpi_node *child_named(const struct acpi_node *node, const char *name)
{
    const struct acpi_node *child = NULL;

    while ((child = acpi_next_child(node, child)) != NULL) {
        if (strcmp(child->path + strlen(child->path) - NAME_CHARACTERS, name) == 0)
            return child;
    }
    return NULL;
}

const struct acpi_node *acpi_node_below(const struct acpi_node *node, const char *path)
{
    char name[NAME_CHARACTERS + 1];

    if (namespace.count == 0)
        return NULL;
    if (*path == '\\') {
        node = &namespace.nodes[0];
        path++;
    }
    for (; *path == '^'; path++)
        node = &namespace.nodes[node->parent];
    while (node != NULL && *path != '\0') {
        path = name_take(path, name);
        if (path == NULL || *path == '.')
            return NULL;
        node = child_named(node, name);
    }
    return node;
}

const struct acpi_node *acpi_node_find(const char *path)
{
    return namespace.count != 0 ? acpi_node_below(&namespace.nodes[0], path) : NULL;
}

/* ---- addresses ---- */

void namespace_addresses(int (*evaluate)(const struct acpi_node *node, uint64_t *ret_number))
{
    for (size_t i = 1; i < namespace.count; i++) {
        struct acpi_node *node = &namespace.nodes[i];
        const struct acpi_node *address =
            node->kind == NODE_DEVICE ? child_named(node, "_ADR") : NULL;
        if (address == NULL)
            continue;
        node->number = address->number;
        node->has_number = address->has_number || evaluate(address, &node->number) == 0;
    }
}

const struct acpi_node *acpi_child_at(const struct acpi_node *node, uint64_t address)
{
    const struct acpi_node *child = NULL;

    while ((child = acpi_next_child(node, child)) != NULL) {
        if (child->kind == NODE_DEVICE && child->has_number && child->number == address)
            return child;
    }
    return NULL;
}

/* A root bridge has a hardware id, and everything else of PCI an address; below \_SB it is the
 * only kind of device whose children have addresses of slots. */
const struct acpi_node *acpi_node_of_slot(unsigned device, unsigned function)
{
    static const uint64_t bridges[] = {0x030AD041, 0x080AD041}; /* PNP0A03, PNP0A08 */
    const struct acpi_node *system = acpi_node_find("\\_SB"), *bridge = NULL;

    while (system != NULL && (bridge = acpi_next_child(system, bridge)) != NULL) {
        const struct acpi_node *id =
            bridge->kind == NODE_DEVICE ? child_named(bridge, "_HID") : NULL;
        for (unsigned i = 0; id != NULL && i < 2; i++) {
            if (id->has_number && id->number == bridges[i])
                return acpi_child_at(bridge, (uint64_t)device << 16 | function);
        }
    }
    return NULL;
}
