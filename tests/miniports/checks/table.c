/*
 * The table of functions that drivers of the first kits with extended functions asked for.
 */
#include "check.h"

#define BYTES 64

CHECK(GetExtendedFunctionTable, EVERYWHERE)
{
    STORPORT_EXTENDED_FUNCTIONS *Table = NULL;
    PVOID Buffer, Expected = NULL, Token;

    StorPortNotification(GetExtendedFunctionTable, Context->Extension, &Table);
    EXPECT(Table != NULL);
    if (Table == NULL) {
        return;
    }
    Buffer = Table->AllocatePool(BYTES, 'tseT', Context->Extension, &Token);
    EXPECT_EQUAL(Buffer != NULL, Context->Irql <= DISPATCH_LEVEL);
    if (Buffer != NULL) {
        RtlZeroMemory(Buffer, BYTES);
        Table->FreePool(Buffer, Context->Extension, Token);
    }
    if (Context->Srb != NULL && Context->Irql <= DISPATCH_LEVEL) {
        EXPECT_STATUS(StorPortGetSystemAddress(Context->Extension, Context->Srb, &Expected),
                      STOR_STATUS_SUCCESS);
        EXPECT_EQUAL(Table->GetSystemAddress(Context->Srb), Expected);
        EXPECT_STATUS(StorPortGetOriginalMdl(Context->Extension, Context->Srb, &Expected),
                      STOR_STATUS_SUCCESS);
        EXPECT_EQUAL(Table->GetOriginalMdl(Context->Srb), Expected);
    }
}
