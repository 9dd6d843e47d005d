/*
 * Checks of the run-time library's tables of elements: splay trees and balanced trees, held against
 * the same rules.
 */
#include "check.h"

#define PASSIVE_PLACES (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread))
#define LOW_PLACES     (PASSIVE_PLACES | AT(Dpc))
#define TAG            'lbaT'
#define ELEMENTS       500
#define STEP           211 /* has no divisor in common with ELEMENTS: visits all in disorder */

typedef struct _ITEM {
    ULONG Key;
    ULONG Payload;
} ITEM;

typedef struct _COUNTS {
    LONG Live; /* elements that were allocated and not freed */
    BOOLEAN Refuse;
} COUNTS;

static RTL_GENERIC_COMPARE_RESULTS Order(PVOID First, PVOID Second)
{
    ULONG One = ((ITEM *)First)->Key, Other = ((ITEM *)Second)->Key;

    return One < Other ? GenericLessThan : One > Other ? GenericGreaterThan : GenericEqual;
}

static PVOID Allocate(COUNTS *Counts, ULONG Bytes)
{
    PVOID Memory = Counts->Refuse ? NULL : ExAllocatePoolWithTag(NonPagedPoolNx, Bytes, TAG);

    if (Memory != NULL) {
        RtlFillMemory(Memory, Bytes, 0xA5);
        Counts->Live++;
    }
    return Memory;
}

static VOID Free(COUNTS *Counts, PVOID Memory)
{
    Counts->Live--;
    ExFreePoolWithTag(Memory, TAG);
}

static RTL_GENERIC_COMPARE_RESULTS NTAPI SplayOrder(PRTL_GENERIC_TABLE Table, PVOID First,
                                                    PVOID Second)
{
    UNREFERENCED_PARAMETER(Table);
    return Order(First, Second);
}

static PVOID NTAPI SplayAllocate(PRTL_GENERIC_TABLE Table, ULONG Bytes)
{
    return Allocate((COUNTS *)Table->TableContext, Bytes);
}

static VOID NTAPI SplayFree(PRTL_GENERIC_TABLE Table, PVOID Memory)
{
    Free((COUNTS *)Table->TableContext, Memory);
}

static RTL_GENERIC_COMPARE_RESULTS NTAPI AvlOrder(PRTL_AVL_TABLE Table, PVOID First, PVOID Second)
{
    UNREFERENCED_PARAMETER(Table);
    return Order(First, Second);
}

static PVOID NTAPI AvlAllocate(PRTL_AVL_TABLE Table, ULONG Bytes)
{
    return Allocate((COUNTS *)Table->TableContext, Bytes);
}

static VOID NTAPI AvlFree(PRTL_AVL_TABLE Table, PVOID Memory)
{
    Free((COUNTS *)Table->TableContext, Memory);
}

/* ---- splay trees ---- */

static VOID SplayStart(PRTL_GENERIC_TABLE Table, COUNTS *Counts)
{
    RtlZeroMemory(Counts, sizeof(*Counts));
    RtlFillMemory(Table, sizeof(*Table), 0xA5);
    RtlInitializeGenericTable(Table, SplayOrder, SplayAllocate, SplayFree, Counts);
}

static ITEM *SplayPut(PRTL_GENERIC_TABLE Table, ULONG Key, PBOOLEAN New)
{
    ITEM Item = {Key, ~Key};

    return (ITEM *)RtlInsertElementGenericTable(Table, &Item, sizeof(Item), New);
}

static VOID SplayFill(CHECK_CONTEXT *Context, PRTL_GENERIC_TABLE Table)
{
    ULONG Index;
    BOOLEAN New;

    for (Index = 0; Index < ELEMENTS; Index++) {
        ITEM *Item = SplayPut(Table, Index * STEP % ELEMENTS, &New);
        EXPECT(Item != NULL && New && Item->Payload == ~(Index * STEP % ELEMENTS));
    }
}

static VOID SplayEmpty(CHECK_CONTEXT *Context, PRTL_GENERIC_TABLE Table, COUNTS *Counts)
{
    ITEM *Item;

    while ((Item = (ITEM *)RtlGetElementGenericTable(Table, 0)) != NULL) {
        ITEM Copy = *Item;
        EXPECT(RtlDeleteElementGenericTable(Table, &Copy));
    }
    EXPECT_EQUAL(Counts->Live, 0);
}

CHECK(RtlInitializeGenericTable, LOW_PLACES)
{
    RTL_GENERIC_TABLE Table;
    COUNTS Counts;

    SplayStart(&Table, &Counts);
    EXPECT(RtlIsGenericTableEmpty(&Table));
    EXPECT_EQUAL(RtlNumberGenericTableElements(&Table), 0);
    EXPECT(RtlEnumerateGenericTable(&Table, TRUE) == NULL);
    EXPECT(RtlGetElementGenericTable(&Table, 0) == NULL);
    EXPECT(Table.TableContext == &Counts);
}

CHECK(RtlInsertElementGenericTable, LOW_PLACES)
{
    RTL_GENERIC_TABLE Table;
    COUNTS Counts;
    BOOLEAN New = TRUE;
    ITEM *First;

    SplayStart(&Table, &Counts);
    First = SplayPut(&Table, 7, NULL);
    EXPECT(First != NULL && First->Key == 7 && First->Payload == ~7u);
    EXPECT(SplayPut(&Table, 7, &New) == First && !New);
    EXPECT_EQUAL(Counts.Live, 1);
    Counts.Refuse = TRUE;
    New = TRUE;
    EXPECT(SplayPut(&Table, 8, &New) == NULL && !New);
    EXPECT_EQUAL(RtlNumberGenericTableElements(&Table), 1);
    SplayEmpty(Context, &Table, &Counts);
}

CHECK(RtlLookupElementGenericTable, LOW_PLACES)
{
    RTL_GENERIC_TABLE Table;
    COUNTS Counts;
    ITEM Wanted = {0, 0};

    SplayStart(&Table, &Counts);
    SplayFill(Context, &Table);
    for (Wanted.Key = 0; Wanted.Key < ELEMENTS; Wanted.Key++) {
        ITEM *Item = (ITEM *)RtlLookupElementGenericTable(&Table, &Wanted);
        EXPECT(Item != NULL && Item->Payload == ~Wanted.Key);
    }
    EXPECT(RtlLookupElementGenericTable(&Table, &Wanted) == NULL);
    SplayEmpty(Context, &Table, &Counts);
}

CHECK(RtlDeleteElementGenericTable, LOW_PLACES)
{
    RTL_GENERIC_TABLE Table;
    COUNTS Counts;
    ITEM Item = {0, 0};
    ULONG Index;

    SplayStart(&Table, &Counts);
    SplayFill(Context, &Table);
    for (Index = 0; Index < ELEMENTS; Index++) {
        Item.Key = Index * 3 % ELEMENTS;
        EXPECT(RtlDeleteElementGenericTable(&Table, &Item));
        EXPECT(!RtlDeleteElementGenericTable(&Table, &Item));
        EXPECT_EQUAL(RtlNumberGenericTableElements(&Table), ELEMENTS - Index - 1);
    }
    EXPECT_EQUAL(Counts.Live, 0);
    EXPECT(RtlIsGenericTableEmpty(&Table));
}

CHECK(RtlEnumerateGenericTable, LOW_PLACES)
{
    RTL_GENERIC_TABLE Table;
    COUNTS Counts;
    ULONG Key = 0;
    ITEM *Item;

    SplayStart(&Table, &Counts);
    SplayFill(Context, &Table);
    for (Item = (ITEM *)RtlEnumerateGenericTable(&Table, TRUE); Item != NULL;
         Item = (ITEM *)RtlEnumerateGenericTable(&Table, FALSE)) {
        EXPECT_EQUAL(Item->Key, Key);
        Key++;
    }
    EXPECT_EQUAL(Key, ELEMENTS);
    SplayEmpty(Context, &Table, &Counts);
}

CHECK(RtlEnumerateGenericTableWithoutSplaying, LOW_PLACES)
{
    RTL_GENERIC_TABLE Table;
    COUNTS Counts;
    PVOID Restart = NULL;
    ULONG Key = 0;
    ITEM *Item;

    SplayStart(&Table, &Counts);
    SplayFill(Context, &Table);
    PRTL_SPLAY_LINKS Root = Table.TableRoot;
    while ((Item = (ITEM *)RtlEnumerateGenericTableWithoutSplaying(&Table, &Restart)) != NULL) {
        EXPECT_EQUAL(Item->Key, Key);
        Key++;
    }
    EXPECT_EQUAL(Key, ELEMENTS);
    EXPECT(Table.TableRoot == Root);
    SplayEmpty(Context, &Table, &Counts);
}

/* In the order of insertion, whichever way they are asked for. */
CHECK(RtlGetElementGenericTable, LOW_PLACES)
{
    RTL_GENERIC_TABLE Table;
    COUNTS Counts;
    ULONG Index;
    ITEM *Item;

    SplayStart(&Table, &Counts);
    SplayFill(Context, &Table);
    for (Index = ELEMENTS; Index-- > 0;) {
        Item = (ITEM *)RtlGetElementGenericTable(&Table, Index);
        EXPECT(Item != NULL && Item->Key == Index * STEP % ELEMENTS);
    }
    for (Index = 0; Index < ELEMENTS; Index++) {
        Item = (ITEM *)RtlGetElementGenericTable(&Table, Index);
        EXPECT(Item != NULL && Item->Key == Index * STEP % ELEMENTS);
    }
    EXPECT(RtlGetElementGenericTable(&Table, ELEMENTS) == NULL);
    SplayEmpty(Context, &Table, &Counts);
}

CHECK(RtlNumberGenericTableElements, LOW_PLACES)
{
    RTL_GENERIC_TABLE Table;
    COUNTS Counts;

    SplayStart(&Table, &Counts);
    SplayFill(Context, &Table);
    EXPECT_EQUAL(RtlNumberGenericTableElements(&Table), ELEMENTS);
    SplayEmpty(Context, &Table, &Counts);
    EXPECT_EQUAL(RtlNumberGenericTableElements(&Table), 0);
}

CHECK(RtlIsGenericTableEmpty, LOW_PLACES)
{
    RTL_GENERIC_TABLE Table;
    COUNTS Counts;

    SplayStart(&Table, &Counts);
    EXPECT(RtlIsGenericTableEmpty(&Table));
    (VOID) SplayPut(&Table, 1, NULL);
    EXPECT(!RtlIsGenericTableEmpty(&Table));
    SplayEmpty(Context, &Table, &Counts);
}

/* ---- balanced trees ---- */

static VOID AvlStart(PRTL_AVL_TABLE Table, COUNTS *Counts)
{
    RtlZeroMemory(Counts, sizeof(*Counts));
    RtlFillMemory(Table, sizeof(*Table), 0xA5);
    RtlInitializeGenericTableAvl(Table, AvlOrder, AvlAllocate, AvlFree, Counts);
}

static ITEM *AvlPut(PRTL_AVL_TABLE Table, ULONG Key, PBOOLEAN New)
{
    ITEM Item = {Key, ~Key};

    return (ITEM *)RtlInsertElementGenericTableAvl(Table, &Item, sizeof(Item), New);
}

/* The depth below a node; every balance is right. */
static LONG AvlDepth(CHECK_CONTEXT *Context, PRTL_BALANCED_LINKS Node)
{
    LONG Left, Right;

    if (Node == NULL) {
        return 0;
    }
    EXPECT(Node->LeftChild == NULL || Node->LeftChild->Parent == Node);
    EXPECT(Node->RightChild == NULL || Node->RightChild->Parent == Node);
    Left = AvlDepth(Context, Node->LeftChild);
    Right = AvlDepth(Context, Node->RightChild);
    EXPECT_EQUAL(Node->Balance, Right - Left);
    EXPECT(Node->Balance >= -1 && Node->Balance <= 1);
    return 1 + (Left > Right ? Left : Right);
}

static VOID AvlSound(CHECK_CONTEXT *Context, PRTL_AVL_TABLE Table)
{
    EXPECT_EQUAL(AvlDepth(Context, Table->BalancedRoot.RightChild), Table->DepthOfTree);
}

static VOID AvlFill(CHECK_CONTEXT *Context, PRTL_AVL_TABLE Table)
{
    ULONG Index;
    BOOLEAN New;

    for (Index = 0; Index < ELEMENTS; Index++) {
        ITEM *Item = AvlPut(Table, Index * STEP % ELEMENTS, &New);
        EXPECT(Item != NULL && New && Item->Payload == ~(Index * STEP % ELEMENTS));
    }
    AvlSound(Context, Table);
}

static VOID AvlEmpty(CHECK_CONTEXT *Context, PRTL_AVL_TABLE Table, COUNTS *Counts)
{
    ITEM *Item;

    while ((Item = (ITEM *)RtlGetElementGenericTableAvl(Table, 0)) != NULL) {
        ITEM Copy = *Item;
        EXPECT(RtlDeleteElementGenericTableAvl(Table, &Copy));
    }
    EXPECT_EQUAL(Counts->Live, 0);
}

CHECK(RtlInitializeGenericTableAvl, LOW_PLACES)
{
    RTL_AVL_TABLE Table;
    COUNTS Counts;

    AvlStart(&Table, &Counts);
    EXPECT(RtlIsGenericTableEmptyAvl(&Table));
    EXPECT_EQUAL(RtlNumberGenericTableElementsAvl(&Table), 0);
    EXPECT(RtlEnumerateGenericTableAvl(&Table, TRUE) == NULL);
    EXPECT(RtlGetElementGenericTableAvl(&Table, 0) == NULL);
    EXPECT(Table.TableContext == &Counts);
}

/* Also in order, which is the worst for a tree. */
CHECK(RtlInsertElementGenericTableAvl, LOW_PLACES)
{
    RTL_AVL_TABLE Table;
    COUNTS Counts;
    BOOLEAN New = TRUE;
    ULONG Key;

    AvlStart(&Table, &Counts);
    for (Key = 0; Key < ELEMENTS; Key++) {
        ITEM *Item = AvlPut(&Table, Key, NULL);
        EXPECT(Item != NULL && Item->Payload == ~Key);
    }
    AvlSound(Context, &Table);
    EXPECT(Table.DepthOfTree <= 12);
    EXPECT(AvlPut(&Table, 3, &New) != NULL && !New);
    EXPECT_EQUAL(Counts.Live, ELEMENTS);
    Counts.Refuse = TRUE;
    New = TRUE;
    EXPECT(AvlPut(&Table, ELEMENTS, &New) == NULL && !New);
    EXPECT_EQUAL(RtlNumberGenericTableElementsAvl(&Table), ELEMENTS);
    AvlEmpty(Context, &Table, &Counts);
}

CHECK(RtlLookupElementGenericTableAvl, LOW_PLACES)
{
    RTL_AVL_TABLE Table;
    COUNTS Counts;
    ITEM Wanted = {0, 0};

    AvlStart(&Table, &Counts);
    AvlFill(Context, &Table);
    for (Wanted.Key = 0; Wanted.Key < ELEMENTS; Wanted.Key++) {
        ITEM *Item = (ITEM *)RtlLookupElementGenericTableAvl(&Table, &Wanted);
        EXPECT(Item != NULL && Item->Payload == ~Wanted.Key);
    }
    EXPECT(RtlLookupElementGenericTableAvl(&Table, &Wanted) == NULL);
    AvlEmpty(Context, &Table, &Counts);
}

CHECK(RtlDeleteElementGenericTableAvl, LOW_PLACES)
{
    RTL_AVL_TABLE Table;
    COUNTS Counts;
    ITEM Item = {0, 0};
    ULONG Index;

    AvlStart(&Table, &Counts);
    AvlFill(Context, &Table);
    for (Index = 0; Index < ELEMENTS; Index++) {
        Item.Key = Index * 3 % ELEMENTS;
        EXPECT(RtlDeleteElementGenericTableAvl(&Table, &Item));
        EXPECT(!RtlDeleteElementGenericTableAvl(&Table, &Item));
        EXPECT_EQUAL(RtlNumberGenericTableElementsAvl(&Table), ELEMENTS - Index - 1);
        AvlSound(Context, &Table);
    }
    EXPECT_EQUAL(Counts.Live, 0);
}

/* It goes on when what it gave out last is deleted. */
CHECK(RtlEnumerateGenericTableAvl, LOW_PLACES)
{
    RTL_AVL_TABLE Table;
    COUNTS Counts;
    ULONG Key = 0;
    ITEM *Item;

    AvlStart(&Table, &Counts);
    AvlFill(Context, &Table);
    for (Item = (ITEM *)RtlEnumerateGenericTableAvl(&Table, TRUE); Item != NULL;
         Item = (ITEM *)RtlEnumerateGenericTableAvl(&Table, FALSE)) {
        ITEM Copy = *Item;
        EXPECT_EQUAL(Item->Key, Key);
        if (Key % 3 != 0) {
            EXPECT(RtlDeleteElementGenericTableAvl(&Table, &Copy));
        }
        Key++;
    }
    EXPECT_EQUAL(Key, ELEMENTS);
    AvlSound(Context, &Table);
    AvlEmpty(Context, &Table, &Counts);
}

CHECK(RtlEnumerateGenericTableWithoutSplayingAvl, LOW_PLACES)
{
    RTL_AVL_TABLE Table;
    COUNTS Counts;
    PVOID Restart = NULL;
    ULONG Key = 0;
    ITEM *Item;

    AvlStart(&Table, &Counts);
    AvlFill(Context, &Table);
    while ((Item = (ITEM *)RtlEnumerateGenericTableWithoutSplayingAvl(&Table, &Restart)) != NULL) {
        EXPECT_EQUAL(Item->Key, Key);
        Key++;
    }
    EXPECT_EQUAL(Key, ELEMENTS);
    AvlEmpty(Context, &Table, &Counts);
}

CHECK(RtlGetElementGenericTableAvl, LOW_PLACES)
{
    RTL_AVL_TABLE Table;
    COUNTS Counts;
    ULONG Index;
    ITEM *Item;

    AvlStart(&Table, &Counts);
    AvlFill(Context, &Table);
    for (Index = 0; Index < ELEMENTS; Index++) {
        Item = (ITEM *)RtlGetElementGenericTableAvl(&Table, (Index * STEP) % ELEMENTS);
        EXPECT(Item != NULL && Item->Key == (Index * STEP) % ELEMENTS);
    }
    EXPECT(RtlGetElementGenericTableAvl(&Table, ELEMENTS) == NULL);
    AvlEmpty(Context, &Table, &Counts);
}

CHECK(RtlNumberGenericTableElementsAvl, LOW_PLACES)
{
    RTL_AVL_TABLE Table;
    COUNTS Counts;

    AvlStart(&Table, &Counts);
    AvlFill(Context, &Table);
    EXPECT_EQUAL(RtlNumberGenericTableElementsAvl(&Table), ELEMENTS);
    AvlEmpty(Context, &Table, &Counts);
    EXPECT_EQUAL(RtlNumberGenericTableElementsAvl(&Table), 0);
}

CHECK(RtlIsGenericTableEmptyAvl, LOW_PLACES)
{
    RTL_AVL_TABLE Table;
    COUNTS Counts;

    AvlStart(&Table, &Counts);
    EXPECT(RtlIsGenericTableEmptyAvl(&Table));
    (VOID) AvlPut(&Table, 1, NULL);
    EXPECT(!RtlIsGenericTableEmptyAvl(&Table));
    AvlEmpty(Context, &Table, &Counts);
}
