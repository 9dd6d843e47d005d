/*
 * What the miniport `resources` records of what its device was given, and what it is asked to do:
 * shared with the test that loads it.
 */
#pragma once

#include <ntddk.h>
#include <storport.h>

#define RESOURCES_RANGES      64
#define RESOURCES_DESCRIPTORS 160
#define RESOURCES_MESSAGES    136
#define RESOURCES_CONFIG      256

typedef struct _RESOURCES_LIST {
    ULONG Count; /* 0xFFFFFFFF: there was no list */
    CM_PARTIAL_RESOURCE_DESCRIPTOR Descriptors[RESOURCES_DESCRIPTORS];
} RESOURCES_LIST;

typedef struct _RESOURCES_RECORD {
    /* Written by the test. */
    ULONG Synchronization; /* INTERRUPT_SYNCHRONIZATION_MODE */
    BOOLEAN TakesMessages; /* HwMSInterruptRoutine */
    BOOLEAN RingsDoorbell; /* of the scratch device, in passive initialization */
    VOID(NTAPI *InFindAdapter)(PVOID Extension, PPORT_CONFIGURATION_INFORMATION ConfigInfo);
    /* Written by the miniport. */
    PVOID HwContext, BusInformation;
    PORT_CONFIGURATION_INFORMATION Config; /* as FindAdapter was given it */
    ACCESS_RANGE Ranges[RESOURCES_RANGES];
    ULONG ConfigLength;
    UCHAR ConfigSpace[RESOURCES_CONFIG];
    RESOURCES_LIST Raw, Translated; /* of IRP_MN_START_DEVICE */
    ULONG MessageCount;             /* that StorPortGetMSIInfo has told of in HwInitialize */
    ULONG FirstStatus;              /* of message 0, and of the one behind the last */
    ULONG LastStatus;
    MESSAGE_INTERRUPT_INFORMATION Messages[RESOURCES_MESSAGES];
    volatile LONG Lines, MessageCalls; /* interrupts that have come to either routine */
    KIRQL InterruptIrql;
} RESOURCES_RECORD;
