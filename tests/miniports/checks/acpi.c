/*
 * Checks of ACPI methods, on a machine without tables: there is no method then. With tables:
 * tests/conformance/acpi_test.c.
 */
#include "check.h"

#define METHOD_STA 0x4154535F /* "_STA" */

CHECK(StorPortInvokeAcpiMethod, EVERYWHERE)
{
    UCHAR Input[8], Output[8];
    ULONG Returned = 7;
    STOR_ADDR_BTL8 Nobody;

    RtlZeroMemory(Input, sizeof(Input));
    RtlZeroMemory(&Nobody, sizeof(Nobody));
    Nobody.Type = STOR_ADDRESS_TYPE_BTL8;
    Nobody.AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH;
    Nobody.Lun = 200;
    EXPECT_STATUS(StorPortInvokeAcpiMethod(NULL, NULL, METHOD_STA, NULL, 0, NULL, 0, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortInvokeAcpiMethod(Context->Extension, NULL, METHOD_STA, NULL, 8, Output,
                                           sizeof(Output), &Returned),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortInvokeAcpiMethod(Context->Extension, NULL, METHOD_STA, NULL, 0, NULL,
                                           sizeof(Output), &Returned),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_EQUAL(Returned, 7);
    EXPECT_UP_TO(PASSIVE_LEVEL,
                 StorPortInvokeAcpiMethod(Context->Extension, NULL, METHOD_STA, Input,
                                          sizeof(Input), Output, sizeof(Output), &Returned),
                 STOR_STATUS_INVALID_PARAMETER); /* no signature */
    EXPECT_UP_TO(PASSIVE_LEVEL,
                 StorPortInvokeAcpiMethod(Context->Extension, (PSTOR_ADDRESS)&Nobody, METHOD_STA,
                                          NULL, 0, Output, sizeof(Output), &Returned),
                 STOR_STATUS_INVALID_PARAMETER);
    EXPECT_UP_TO(PASSIVE_LEVEL,
                 StorPortInvokeAcpiMethod(Context->Extension, NULL, METHOD_STA, NULL, 0, Output,
                                          sizeof(Output), &Returned),
                 STOR_STATUS_NOT_IMPLEMENTED);
    EXPECT_EQUAL(Returned, Context->Irql == PASSIVE_LEVEL ? 0 : 7);
}
