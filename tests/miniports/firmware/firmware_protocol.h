/*
 * What the firmware driver and its test share: a call of a method or a control code, in a service
 * request, and its answer.
 */
#pragma once

#define FIRMWARE_BYTES 8192

enum {
    FirmwareInvoke,      /* StorPortInvokeAcpiMethod: Code is the method's name */
    FirmwareControl,     /* a control code to the physical device */
    FirmwareControlHigh, /* the same at DISPATCH_LEVEL */
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
