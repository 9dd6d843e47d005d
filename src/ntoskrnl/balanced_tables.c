/*
 * balanced_tables.c - Rtl: the generic tables whose trees stay balanced (AVL).
 *
 * Before each element lie its links. BalancedRoot is no element: the tree hangs at its right child.
 * A node's Balance is the depth of its right side less that of its left.
 */
#include "nt/export.h"
#include "nt/thread.h"

#include <ntddk.h>
#include <string.h>

#define EXPORT(name_)                                                                              \
    NT_EXPORT_ROW("ntoskrnl.exe", name_, "Run-time library", NT_DISPATCH_LEVEL,                    \
                  NT_EXPORT_MAY_BE_LEFT)

typedef RTL_BALANCED_LINKS links;

enum { LEFT = -1, RIGHT = 1 };

static PVOID data_of(links *node)
{
    return node ? node + 1 : NULL;
}

static links **child(links *node, int side)
{
    return side == LEFT ? &node->LeftChild : &node->RightChild;
}

static int side_of(const links *node)
{
    return node->Parent->LeftChild == node ? LEFT : RIGHT;
}

static void hang(links *parent, int side, links *node)
{
    *child(parent, side) = node;
    if (node)
        node->Parent = parent;
}

/* ---- the tree ---- */

/* The node takes its parent's place, and that becomes its child. */
static void rotate_up(links *node)
{
    links *parent = node->Parent;
    int side = side_of(node);

    hang(parent->Parent, side_of(parent), node);
    hang(parent, side, *child(node, -side));
    hang(node, -side, parent);
}

/* The side of the node is deeper by two. Returns what takes the node's place; *ret_shorter: that is
 * less deep than the node was. */
static links *restore(links *node, int side, bool *ret_shorter)
{
    links *deep = *child(node, side), *inner = *child(deep, -side);

    *ret_shorter = deep->Balance != 0;
    if (deep->Balance != -side) {
        rotate_up(deep);
        node->Balance = (CHAR)(*ret_shorter ? 0 : side);
        deep->Balance = (CHAR)(*ret_shorter ? 0 : -side);
        return deep;
    }
    rotate_up(inner);
    rotate_up(inner);
    node->Balance = (CHAR)(inner->Balance == side ? -side : 0);
    deep->Balance = (CHAR)(inner->Balance == -side ? side : 0);
    inner->Balance = 0;
    return inner;
}

/* A side of the node has become deeper by one. */
static void grown(PRTL_AVL_TABLE table, links *node, int side)
{
    bool shorter;

    while (node != &table->BalancedRoot) {
        if (node->Balance == side) {
            (void)restore(node, side, &shorter);
            return;
        }
        node->Balance = (CHAR)(node->Balance + side);
        if (node->Balance == 0)
            return;
        side = side_of(node);
        node = node->Parent;
    }
    table->DepthOfTree++;
}

/* A side of the node has become less deep by one. */
static void shrunk(PRTL_AVL_TABLE table, links *node, int side)
{
    while (node != &table->BalancedRoot) {
        bool shorter = node->Balance == side;
        if (node->Balance == -side)
            node = restore(node, -side, &shorter);
        else
            node->Balance = (CHAR)(node->Balance - side);
        if (!shorter)
            return;
        side = side_of(node);
        node = node->Parent;
    }
    table->DepthOfTree--;
}

static links *outermost(links *node, int side)
{
    while (node && *child(node, side))
        node = *child(node, side);
    return node;
}

/* The next one on that side, NULL when there is none. */
static links *neighbour(PRTL_AVL_TABLE table, links *node, int side)
{
    if (*child(node, side))
        return outermost(*child(node, side), -side);
    while (node->Parent != &table->BalancedRoot && side_of(node) == side)
        node = node->Parent;
    return node->Parent == &table->BalancedRoot ? NULL : node->Parent;
}

static links *first_of(PRTL_AVL_TABLE table)
{
    return outermost(table->BalancedRoot.RightChild, LEFT);
}

/* The element that equals the buffer, or the last one that was compared with it, or the root. */
static TABLE_SEARCH_RESULT find(PRTL_AVL_TABLE table, PVOID buffer, links **ret_node)
{
    links *node = table->BalancedRoot.RightChild;

    *ret_node = &table->BalancedRoot;
    while (node) {
        RTL_GENERIC_COMPARE_RESULTS order = table->CompareRoutine(table, buffer, data_of(node));
        *ret_node = node;
        if (order == GenericEqual)
            return TableFoundNode;
        links *next = *child(node, order == GenericLessThan ? LEFT : RIGHT);
        if (!next)
            return order == GenericLessThan ? TableInsertAsLeft : TableInsertAsRight;
        node = next;
    }
    return TableEmptyTree;
}

/* Of a node with two children the next one takes the place. */
static void take_out(PRTL_AVL_TABLE table, links *node)
{
    links *parent = node->Parent;
    int side = side_of(node);

    if (!node->LeftChild || !node->RightChild) {
        hang(parent, side, node->LeftChild ? node->LeftChild : node->RightChild);
        shrunk(table, parent, side);
        return;
    }
    links *next = outermost(node->RightChild, LEFT), *shorter = next;
    int shorter_side = RIGHT;
    if (next->Parent != node) {
        shorter = next->Parent;
        shorter_side = LEFT;
        hang(shorter, LEFT, next->RightChild);
        hang(next, RIGHT, node->RightChild);
    }
    hang(next, LEFT, node->LeftChild);
    hang(parent, side, next);
    next->Balance = node->Balance;
    shrunk(table, shorter, shorter_side);
}

/* ---- the table ---- */

VOID NTAPI RtlInitializeGenericTableAvl(PRTL_AVL_TABLE Table,
                                        PRTL_AVL_COMPARE_ROUTINE CompareRoutine,
                                        PRTL_AVL_ALLOCATE_ROUTINE AllocateRoutine,
                                        PRTL_AVL_FREE_ROUTINE FreeRoutine, PVOID TableContext)
{
    *Table = (RTL_AVL_TABLE){.CompareRoutine = CompareRoutine,
                             .AllocateRoutine = AllocateRoutine,
                             .FreeRoutine = FreeRoutine,
                             .TableContext = TableContext};
    Table->BalancedRoot.Parent = &Table->BalancedRoot;
}
EXPORT(RtlInitializeGenericTableAvl);

PVOID NTAPI RtlInsertElementGenericTableAvl(PRTL_AVL_TABLE Table, PVOID Buffer, CLONG BufferSize,
                                            PBOOLEAN NewElement)
{
    links *parent;
    TABLE_SEARCH_RESULT where = find(Table, Buffer, &parent);
    int side = where == TableInsertAsLeft ? LEFT : RIGHT;
    links *node = where == TableFoundNode
                      ? NULL
                      : Table->AllocateRoutine(Table, (ULONG)sizeof(*node) + BufferSize);

    if (NewElement)
        *NewElement = node != NULL;
    if (!node)
        return where == TableFoundNode ? data_of(parent) : NULL;
    *node = (links){0};
    hang(parent, side, node);
    memcpy(data_of(node), Buffer, BufferSize);
    grown(Table, parent, side);
    Table->NumberGenericTableElements++;
    Table->WhichOrderedElement = 0;
    return data_of(node);
}
EXPORT(RtlInsertElementGenericTableAvl);

/* An enumeration that has given the element out goes on behind the one before it. */
BOOLEAN NTAPI RtlDeleteElementGenericTableAvl(PRTL_AVL_TABLE Table, PVOID Buffer)
{
    links *node;

    if (find(Table, Buffer, &node) != TableFoundNode)
        return FALSE;
    if (Table->RestartKey == node)
        Table->RestartKey = neighbour(Table, node, LEFT);
    take_out(Table, node);
    Table->NumberGenericTableElements--;
    Table->WhichOrderedElement = 0;
    Table->DeleteCount++;
    Table->FreeRoutine(Table, node);
    return TRUE;
}
EXPORT(RtlDeleteElementGenericTableAvl);

PVOID NTAPI RtlLookupElementGenericTableAvl(PRTL_AVL_TABLE Table, PVOID Buffer)
{
    links *node;

    return find(Table, Buffer, &node) == TableFoundNode ? data_of(node) : NULL;
}
EXPORT(RtlLookupElementGenericTableAvl);

/* *RestartKey is the element that was given out last; NULL before the first. */
PVOID NTAPI RtlEnumerateGenericTableWithoutSplayingAvl(PRTL_AVL_TABLE Table, PVOID *RestartKey)
{
    links *next = *RestartKey ? neighbour(Table, *RestartKey, RIGHT) : first_of(Table);

    if (next)
        *RestartKey = next;
    return data_of(next);
}
EXPORT(RtlEnumerateGenericTableWithoutSplayingAvl);

PVOID NTAPI RtlEnumerateGenericTableAvl(PRTL_AVL_TABLE Table, BOOLEAN Restart)
{
    PVOID key = Restart ? NULL : Table->RestartKey;
    PVOID data = RtlEnumerateGenericTableWithoutSplayingAvl(Table, &key);

    Table->RestartKey = key;
    return data;
}
EXPORT(RtlEnumerateGenericTableAvl);

/* In the order of the elements, on from the one that was asked for last when that is before it. */
PVOID NTAPI RtlGetElementGenericTableAvl(PRTL_AVL_TABLE Table, ULONG I)
{
    if (I >= Table->NumberGenericTableElements)
        return NULL;
    if (!Table->WhichOrderedElement || I + 1 < Table->WhichOrderedElement) {
        Table->WhichOrderedElement = 1;
        Table->OrderedPointer = first_of(Table);
    }
    for (; Table->WhichOrderedElement < I + 1; Table->WhichOrderedElement++)
        Table->OrderedPointer = neighbour(Table, Table->OrderedPointer, RIGHT);
    return data_of(Table->OrderedPointer);
}
EXPORT(RtlGetElementGenericTableAvl);

ULONG NTAPI RtlNumberGenericTableElementsAvl(PRTL_AVL_TABLE Table)
{
    return Table->NumberGenericTableElements;
}
EXPORT(RtlNumberGenericTableElementsAvl);

BOOLEAN NTAPI RtlIsGenericTableEmptyAvl(PRTL_AVL_TABLE Table)
{
    return Table->NumberGenericTableElements == 0;
}
EXPORT(RtlIsGenericTableEmptyAvl);
