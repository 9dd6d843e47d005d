/*
 * generic_tables.c - Rtl: tables of a driver's elements in the order of its own comparison, as
 * splay trees.
 *
 * Before each element lie the links of the tree and those of the order in which elements were
 * inserted. The root's parent is itself. Whoever uses a table sees to it that nobody else does.
 */
#include "nt/export.h"
#include "nt/thread.h"

#include <ntddk.h>
#include <string.h>

#define EXPORT(name_)                                                                              \
    NT_EXPORT_ROW("ntoskrnl.exe", name_, "Run-time library", NT_DISPATCH_LEVEL,                    \
                  NT_EXPORT_MAY_BE_LEFT)

typedef RTL_SPLAY_LINKS links;

struct element {
    links links;
    LIST_ENTRY order;
    LONGLONG data[]; /* the driver's */
};

static struct element *element_of(links *node)
{
    return CONTAINING_RECORD(node, struct element, links);
}

static PVOID data_of(links *node)
{
    return node ? element_of(node)->data : NULL;
}

/* ---- the tree ---- */

static bool is_root(const links *node)
{
    return node->Parent == node;
}

static void rotate_up(links *node)
{
    links *parent = node->Parent;
    bool left = parent->LeftChild == node;
    links *inner = left ? node->RightChild : node->LeftChild;

    node->Parent = is_root(parent) ? node : parent->Parent;
    if (!is_root(node)) {
        if (node->Parent->LeftChild == parent)
            node->Parent->LeftChild = node;
        else
            node->Parent->RightChild = node;
    }
    *(left ? &parent->LeftChild : &parent->RightChild) = inner;
    if (inner)
        inner->Parent = parent;
    *(left ? &node->RightChild : &node->LeftChild) = parent;
    parent->Parent = node;
}

/* Makes the node the root of its tree. */
static links *splay(links *node)
{
    while (!is_root(node)) {
        links *parent = node->Parent;
        if (!is_root(parent)) {
            bool straight = (parent->LeftChild == node) == (parent->Parent->LeftChild == parent);
            rotate_up(straight ? parent : node);
        }
        rotate_up(node);
    }
    return node;
}

static links *leftmost(links *node)
{
    while (node && node->LeftChild)
        node = node->LeftChild;
    return node;
}

static links *rightmost(links *node)
{
    while (node && node->RightChild)
        node = node->RightChild;
    return node;
}

static links *successor(links *node)
{
    if (node->RightChild)
        return leftmost(node->RightChild);
    while (!is_root(node) && node->Parent->RightChild == node)
        node = node->Parent;
    return is_root(node) ? NULL : node->Parent;
}

/* The element that equals the buffer, or the last one that was compared with it. */
static TABLE_SEARCH_RESULT find(PRTL_GENERIC_TABLE table, PVOID buffer, links **ret_node)
{
    links *node = table->TableRoot;

    *ret_node = node;
    while (node) {
        RTL_GENERIC_COMPARE_RESULTS order = table->CompareRoutine(table, buffer, data_of(node));
        *ret_node = node;
        if (order == GenericEqual)
            return TableFoundNode;
        links *next = order == GenericLessThan ? node->LeftChild : node->RightChild;
        if (!next)
            return order == GenericLessThan ? TableInsertAsLeft : TableInsertAsRight;
        node = next;
    }
    return TableEmptyTree;
}

static void unlink_root(PRTL_GENERIC_TABLE table)
{
    links *left = table->TableRoot->LeftChild, *right = table->TableRoot->RightChild;

    if (right)
        right->Parent = right;
    if (left) {
        left->Parent = left;
        left = splay(rightmost(left));
        left->RightChild = right;
        if (right)
            right->Parent = left;
    }
    table->TableRoot = left ? left : right;
}

/* ---- the table ---- */

VOID NTAPI RtlInitializeGenericTable(PRTL_GENERIC_TABLE Table,
                                     PRTL_GENERIC_COMPARE_ROUTINE CompareRoutine,
                                     PRTL_GENERIC_ALLOCATE_ROUTINE AllocateRoutine,
                                     PRTL_GENERIC_FREE_ROUTINE FreeRoutine, PVOID TableContext)
{
    *Table = (RTL_GENERIC_TABLE){.CompareRoutine = CompareRoutine,
                                 .AllocateRoutine = AllocateRoutine,
                                 .FreeRoutine = FreeRoutine,
                                 .TableContext = TableContext};
    InitializeListHead(&Table->InsertOrderList);
    Table->OrderedPointer = &Table->InsertOrderList;
}
EXPORT(RtlInitializeGenericTable);

PVOID NTAPI RtlInsertElementGenericTable(PRTL_GENERIC_TABLE Table, PVOID Buffer, CLONG BufferSize,
                                         PBOOLEAN NewElement)
{
    links *node;
    TABLE_SEARCH_RESULT where = find(Table, Buffer, &node);
    bool is_new = where != TableFoundNode;

    if (is_new) {
        struct element *element = Table->AllocateRoutine(Table, sizeof(*element) + BufferSize);
        if (!element) {
            if (NewElement)
                *NewElement = FALSE;
            return NULL;
        }
        element->links = (links){.Parent = node ? node : &element->links};
        if (node && where == TableInsertAsLeft)
            node->LeftChild = &element->links;
        else if (node)
            node->RightChild = &element->links;
        InsertTailList(&Table->InsertOrderList, &element->order);
        memcpy(element->data, Buffer, BufferSize);
        Table->NumberGenericTableElements++;
        node = &element->links;
    }
    Table->TableRoot = splay(node);
    if (NewElement)
        *NewElement = is_new;
    return data_of(node);
}
EXPORT(RtlInsertElementGenericTable);

BOOLEAN NTAPI RtlDeleteElementGenericTable(PRTL_GENERIC_TABLE Table, PVOID Buffer)
{
    links *node;

    if (find(Table, Buffer, &node) != TableFoundNode)
        return FALSE;
    Table->TableRoot = splay(node);
    unlink_root(Table);
    RemoveEntryList(&element_of(node)->order);
    Table->NumberGenericTableElements--;
    Table->WhichOrderedElement = 0;
    Table->OrderedPointer = &Table->InsertOrderList;
    Table->FreeRoutine(Table, element_of(node));
    return TRUE;
}
EXPORT(RtlDeleteElementGenericTable);

PVOID NTAPI RtlLookupElementGenericTable(PRTL_GENERIC_TABLE Table, PVOID Buffer)
{
    links *node;

    if (find(Table, Buffer, &node) != TableFoundNode)
        return NULL;
    Table->TableRoot = splay(node);
    return data_of(node);
}
EXPORT(RtlLookupElementGenericTable);

/* The root is the element that was given out last. */
PVOID NTAPI RtlEnumerateGenericTable(PRTL_GENERIC_TABLE Table, BOOLEAN Restart)
{
    links *next = NULL;

    if (Table->TableRoot)
        next = Restart ? leftmost(Table->TableRoot) : leftmost(Table->TableRoot->RightChild);
    if (next)
        Table->TableRoot = splay(next);
    return data_of(next);
}
EXPORT(RtlEnumerateGenericTable);

/* *RestartKey is the element that was given out last; NULL before the first. */
PVOID NTAPI RtlEnumerateGenericTableWithoutSplaying(PRTL_GENERIC_TABLE Table, PVOID *RestartKey)
{
    links *next = *RestartKey ? successor(*RestartKey) : leftmost(Table->TableRoot);

    if (next)
        *RestartKey = next;
    return data_of(next);
}
EXPORT(RtlEnumerateGenericTableWithoutSplaying);

/* In the order of insertion, on from the element that was asked for last when that is before it. */
PVOID NTAPI RtlGetElementGenericTable(PRTL_GENERIC_TABLE Table, ULONG I)
{
    if (I >= Table->NumberGenericTableElements)
        return NULL;
    if (I + 1 < Table->WhichOrderedElement) {
        Table->WhichOrderedElement = 0;
        Table->OrderedPointer = &Table->InsertOrderList;
    }
    for (; Table->WhichOrderedElement < I + 1; Table->WhichOrderedElement++)
        Table->OrderedPointer = Table->OrderedPointer->Flink;
    return CONTAINING_RECORD(Table->OrderedPointer, struct element, order)->data;
}
EXPORT(RtlGetElementGenericTable);

ULONG NTAPI RtlNumberGenericTableElements(PRTL_GENERIC_TABLE Table)
{
    return Table->NumberGenericTableElements;
}
EXPORT(RtlNumberGenericTableElements);

BOOLEAN NTAPI RtlIsGenericTableEmpty(PRTL_GENERIC_TABLE Table)
{
    return Table->TableRoot == NULL;
}
EXPORT(RtlIsGenericTableEmpty);
