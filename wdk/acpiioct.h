/*
 * Evaluation of ACPI methods: the control codes of a device that the firmware describes, and the
 * buffers of StorPortInvokeAcpiMethod. A buffer starts with four characters that say what it is;
 * arguments follow one another without a gap.
 */
#ifndef WDK_ACPIIOCT_H
#define WDK_ACPIIOCT_H
#define _ACPIIOCT_H_

#include "devioctl.h"
#include "ntdef.h"

#define ACPI_EVAL_INPUT_BUFFER_SIGNATURE                0x42696541
#define ACPI_EVAL_INPUT_BUFFER_SIMPLE_INTEGER_SIGNATURE 0x49696541
#define ACPI_EVAL_INPUT_BUFFER_SIMPLE_STRING_SIGNATURE  0x53696541
#define ACPI_EVAL_INPUT_BUFFER_COMPLEX_SIGNATURE        0x43696541
#define ACPI_EVAL_OUTPUT_BUFFER_SIGNATURE               0x426f6541
#define ACPI_ACQUIRE_GLOBAL_LOCK_SIGNATURE              0x4c676141
#define ACPI_RELEASE_GLOBAL_LOCK_SIGNATURE              0x4c677241
#if NTDDI_VERSION >= NTDDI_VISTA
#define ACPI_EVAL_INPUT_BUFFER_SIGNATURE_EX                0x41696541
#define ACPI_EVAL_INPUT_BUFFER_SIMPLE_INTEGER_SIGNATURE_EX 0x44696541
#define ACPI_EVAL_INPUT_BUFFER_SIMPLE_STRING_SIGNATURE_EX  0x45696541
#define ACPI_EVAL_INPUT_BUFFER_COMPLEX_SIGNATURE_EX        0x46696541
#define ACPI_ENUM_CHILDREN_OUTPUT_BUFFER_SIGNATURE         0x47696541
#define ACPI_ENUM_CHILDREN_INPUT_BUFFER_SIGNATURE          0x48696541
#endif

/* ACPI_METHOD_ARGUMENT.Type */
#define ACPI_METHOD_ARGUMENT_INTEGER    0x0
#define ACPI_METHOD_ARGUMENT_STRING     0x1
#define ACPI_METHOD_ARGUMENT_BUFFER     0x2
#define ACPI_METHOD_ARGUMENT_PACKAGE    0x3
#define ACPI_METHOD_ARGUMENT_PACKAGE_EX 0x4

/* ACPI_ENUM_CHILD.Flags */
#define ACPI_OBJECT_HAS_CHILDREN 0x1

/* ACPI_ENUM_CHILDREN_INPUT_BUFFER.Flags */
#define ENUM_CHILDREN_IMMEDIATE_ONLY 0x1
#define ENUM_CHILDREN_MULTILEVEL     0x2
#define ENUM_CHILDREN_NAME_IS_FILTER 0x4

/* DataLength is the length of Data, which may be longer than the union. */
typedef struct _ACPI_METHOD_ARGUMENT {
    USHORT Type;
    USHORT DataLength;
    union {
        ULONG Argument;
        UCHAR Data[ANYSIZE_ARRAY];
    };
} ACPI_METHOD_ARGUMENT;
typedef ACPI_METHOD_ARGUMENT UNALIGNED *PACPI_METHOD_ARGUMENT;

/* A method by its name below the device. */
typedef struct _ACPI_EVAL_INPUT_BUFFER {
    ULONG Signature;
    union {
        UCHAR MethodName[4];
        ULONG MethodNameAsUlong;
    };
} ACPI_EVAL_INPUT_BUFFER, *PACPI_EVAL_INPUT_BUFFER;

typedef struct _ACPI_EVAL_INPUT_BUFFER_SIMPLE_INTEGER {
    ULONG Signature;
    union {
        UCHAR MethodName[4];
        ULONG MethodNameAsUlong;
    };
    ULONG IntegerArgument;
} ACPI_EVAL_INPUT_BUFFER_SIMPLE_INTEGER, *PACPI_EVAL_INPUT_BUFFER_SIMPLE_INTEGER;

typedef struct _ACPI_EVAL_INPUT_BUFFER_SIMPLE_STRING {
    ULONG Signature;
    union {
        UCHAR MethodName[4];
        ULONG MethodNameAsUlong;
    };
    ULONG StringLength;
    UCHAR String[ANYSIZE_ARRAY];
} ACPI_EVAL_INPUT_BUFFER_SIMPLE_STRING, *PACPI_EVAL_INPUT_BUFFER_SIMPLE_STRING;

typedef struct _ACPI_EVAL_INPUT_BUFFER_COMPLEX {
    ULONG Signature;
    union {
        UCHAR MethodName[4];
        ULONG MethodNameAsUlong;
    };
    ULONG Size;
    ULONG ArgumentCount;
    ACPI_METHOD_ARGUMENT Argument[ANYSIZE_ARRAY];
} ACPI_EVAL_INPUT_BUFFER_COMPLEX, *PACPI_EVAL_INPUT_BUFFER_COMPLEX;

typedef struct _ACPI_EVAL_OUTPUT_BUFFER {
    ULONG Signature;
    ULONG Length;
    ULONG Count;
    ACPI_METHOD_ARGUMENT Argument[ANYSIZE_ARRAY];
} ACPI_EVAL_OUTPUT_BUFFER;
typedef ACPI_EVAL_OUTPUT_BUFFER UNALIGNED *PACPI_EVAL_OUTPUT_BUFFER;

/* A method by its path, which ends with a zero. */
typedef struct _ACPI_EVAL_INPUT_BUFFER_EX {
    ULONG Signature;
    CHAR MethodName[256];
} ACPI_EVAL_INPUT_BUFFER_EX, *PACPI_EVAL_INPUT_BUFFER_EX;

typedef struct _ACPI_EVAL_INPUT_BUFFER_SIMPLE_INTEGER_EX {
    ULONG Signature;
    CHAR MethodName[256];
    ULONG64 IntegerArgument;
} ACPI_EVAL_INPUT_BUFFER_SIMPLE_INTEGER_EX, *PACPI_EVAL_INPUT_BUFFER_SIMPLE_INTEGER_EX;

typedef struct _ACPI_EVAL_INPUT_BUFFER_SIMPLE_STRING_EX {
    ULONG Signature;
    CHAR MethodName[256];
    ULONG StringLength;
    UCHAR String[ANYSIZE_ARRAY];
} ACPI_EVAL_INPUT_BUFFER_SIMPLE_STRING_EX, *PACPI_EVAL_INPUT_BUFFER_SIMPLE_STRING_EX;

typedef struct _ACPI_EVAL_INPUT_BUFFER_COMPLEX_EX {
    ULONG Signature;
    CHAR MethodName[256];
    ULONG Size;
    ULONG ArgumentCount;
    ACPI_METHOD_ARGUMENT Argument[ANYSIZE_ARRAY];
} ACPI_EVAL_INPUT_BUFFER_COMPLEX_EX, *PACPI_EVAL_INPUT_BUFFER_COMPLEX_EX;

typedef struct _ACPI_MANIPULATE_GLOBAL_LOCK_BUFFER {
    ULONG Signature;
    PVOID LockObject;
} ACPI_MANIPULATE_GLOBAL_LOCK_BUFFER, *PACPI_MANIPULATE_GLOBAL_LOCK_BUFFER;

typedef struct _ACPI_ENUM_CHILDREN_INPUT_BUFFER {
    ULONG Signature;
    ULONG Flags;
    ULONG NameLength;
    CHAR Name[ANYSIZE_ARRAY];
} ACPI_ENUM_CHILDREN_INPUT_BUFFER, *PACPI_ENUM_CHILDREN_INPUT_BUFFER;

typedef struct _ACPI_ENUM_CHILD {
    ULONG Flags;
    ULONG NameLength;
    CHAR Name[ANYSIZE_ARRAY];
} ACPI_ENUM_CHILD;
typedef ACPI_ENUM_CHILD UNALIGNED *PACPI_ENUM_CHILD;

typedef struct _ACPI_ENUM_CHILDREN_OUTPUT_BUFFER {
    ULONG Signature;
    ULONG NumberOfChildren;
    ACPI_ENUM_CHILD Children[ANYSIZE_ARRAY];
} ACPI_ENUM_CHILDREN_OUTPUT_BUFFER;
typedef ACPI_ENUM_CHILDREN_OUTPUT_BUFFER UNALIGNED *PACPI_ENUM_CHILDREN_OUTPUT_BUFFER;

/* An argument takes at least the size of an integer. */
#define ACPI_METHOD_ARGUMENT_LENGTH(length)                                                        \
    (FIELD_OFFSET(ACPI_METHOD_ARGUMENT, Data) +                                                    \
     ((length) > sizeof(ULONG) ? (length) : sizeof(ULONG)))
#define ACPI_METHOD_ARGUMENT_LENGTH_FROM_ARGUMENT(argument)                                        \
    ACPI_METHOD_ARGUMENT_LENGTH(((PACPI_METHOD_ARGUMENT)(argument))->DataLength)
#define ACPI_METHOD_NEXT_ARGUMENT(argument)                                                        \
    ((PACPI_METHOD_ARGUMENT)((PUCHAR)(argument) +                                                  \
                             ACPI_METHOD_ARGUMENT_LENGTH_FROM_ARGUMENT(argument)))

/* Brace blocks, because drivers write them with and without a semicolon. */
#define ACPI_METHOD_SET_ARGUMENT_INTEGER(argument, value)                                          \
    {                                                                                              \
        (argument)->Type = ACPI_METHOD_ARGUMENT_INTEGER;                                           \
        (argument)->DataLength = sizeof(ULONG);                                                    \
        (argument)->Argument = (value);                                                            \
    }
#define ACPI_METHOD_SET_ARGUMENT_STRING(argument, text)                                            \
    {                                                                                              \
        (argument)->Type = ACPI_METHOD_ARGUMENT_STRING;                                            \
        (argument)->DataLength = (USHORT)(strlen((PCHAR)(text)) + 1);                              \
        RtlCopyMemory((argument)->Data, (text), (argument)->DataLength);                           \
    }
#define ACPI_METHOD_SET_ARGUMENT_BUFFER(argument, bytes, length)                                   \
    {                                                                                              \
        (argument)->Type = ACPI_METHOD_ARGUMENT_BUFFER;                                            \
        (argument)->DataLength = (USHORT)(length);                                                 \
        RtlCopyMemory((argument)->Data, (bytes), (argument)->DataLength);                          \
    }

/* NameLength counts the whole name of a child; the next child follows it. */
#define ACPI_ENUM_CHILD_LENGTH_FROM_CHILD(child)                                                   \
    (FIELD_OFFSET(ACPI_ENUM_CHILD, Name) + (child)->NameLength)
#define ACPI_ENUM_CHILD_NEXT(child)                                                                \
    ((PACPI_ENUM_CHILD)((PUCHAR)(child) + ACPI_ENUM_CHILD_LENGTH_FROM_CHILD(child)))

#define WDK_ACPI_CTL(function)                                                                     \
    CTL_CODE(FILE_DEVICE_ACPI, function, METHOD_BUFFERED, FILE_READ_ACCESS | FILE_WRITE_ACCESS)
#define IOCTL_ACPI_ASYNC_EVAL_METHOD   WDK_ACPI_CTL(0)
#define IOCTL_ACPI_EVAL_METHOD         WDK_ACPI_CTL(1)
#define IOCTL_ACPI_ACQUIRE_GLOBAL_LOCK WDK_ACPI_CTL(4)
#define IOCTL_ACPI_RELEASE_GLOBAL_LOCK WDK_ACPI_CTL(5)
#if NTDDI_VERSION >= NTDDI_VISTA
#define IOCTL_ACPI_EVAL_METHOD_EX       WDK_ACPI_CTL(6)
#define IOCTL_ACPI_ASYNC_EVAL_METHOD_EX WDK_ACPI_CTL(7)
#define IOCTL_ACPI_ENUM_CHILDREN        WDK_ACPI_CTL(8)
#endif

#endif
