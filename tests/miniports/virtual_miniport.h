/*
 * virtual_miniport.h - what the virtual miniports of the tests say of themselves in the same words.
 * A driver that says otherwise changes its record afterwards.
 */
#ifndef VIRTUAL_MINIPORT_H
#define VIRTUAL_MINIPORT_H

#include <storport.h>

/* Zeroes the record; callbacks and sizes are the driver's to fill in. */
static inline VOID VirtualMiniportDescribe(PHW_INITIALIZATION_DATA Data)
{
    RtlZeroMemory(Data, sizeof(*Data));
    Data->HwInitializationDataSize = sizeof(*Data);
    Data->AdapterInterfaceType = Internal;
    Data->MapBuffers = STOR_MAP_NON_READ_WRITE_BUFFERS;
    Data->NeedPhysicalAddresses = TRUE;
    Data->TaggedQueuing = TRUE;
    Data->AutoRequestSense = TRUE;
    Data->MultipleRequestPerLu = TRUE;
    Data->FeatureSupport = STOR_FEATURE_VIRTUAL_MINIPORT;
    Data->SrbTypeFlags = SRB_TYPE_FLAG_STORAGE_REQUEST_BLOCK;
    Data->AddressTypeFlags = ADDRESS_TYPE_FLAG_BTL8;
}

#endif
