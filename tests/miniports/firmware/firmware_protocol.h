/*
 * What the firmware driver and its tests share: a call of a method or a control code, or something
 * about its registry, in a service request, and the answer.
 */
#pragma once

#define FIRMWARE_BYTES 8192

enum {
    FirmwareInvoke,      /* StorPortInvokeAcpiMethod: Code is the method's name */
    FirmwareControl,     /* a control code to the physical device */
    FirmwareControlHigh, /* the same at DISPATCH_LEVEL */
    FirmwareWrite,       /* Code as the value Written of its parameters and of its device */
    FirmwareWatch,       /* asks for notifications*/
    FirmwareNotified,    /* Returned: how many there were */
};

typedef struct _FIRMWARE_COMMAND {
    unsigned int Command;
    unsigned int Code;
    unsigned char HasAddress, Path, Target, Lun;
    unsigned char NoInput, NoOutput, NoReturned; /* NULL in its place */
    unsigned char BadAddress;
    unsigned int InputLength, OutputLength;
    unsigned int Status, Returned;      /* STOR_STATUS, or NTSTATUS and Information */
    unsigned char Data[FIRMWARE_BYTES]; /* input, then output */
} FIRMWARE_COMMAND;
