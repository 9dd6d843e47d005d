/*
 * Checks of named events, sections and their views, virtual memory.
 */
#include "check.h"

#include <ntifs.h>

#define PLACES (AT(WorkItem) | AT(Thread))
#define KIB    1024ull

/* A name of this check and this adapter alone. */
typedef struct _CHECK_NAME {
    WCHAR Text[96];
    UNICODE_STRING Name;
    OBJECT_ATTRIBUTES Attributes;
} CHECK_NAME;

static POBJECT_ATTRIBUTES Fresh(CHECK_NAME *Fresh, ULONG Flags)
{
    UNICODE_STRING Guid;
    UUID Uuid;

    ExUuidCreate(&Uuid);
    RtlInitEmptyUnicodeString(&Fresh->Name, Fresh->Text, sizeof(Fresh->Text));
    RtlAppendUnicodeToString(&Fresh->Name, L"\\BaseNamedObjects\\Global\\");
    if (NT_SUCCESS(RtlStringFromGUID(&Uuid, &Guid))) {
        RtlAppendUnicodeStringToString(&Fresh->Name, &Guid);
        RtlFreeUnicodeString(&Guid);
    }
    InitializeObjectAttributes(&Fresh->Attributes, &Fresh->Name, OBJ_KERNEL_HANDLE | Flags, NULL,
                               NULL);
    return &Fresh->Attributes;
}

/* ---- events ---- */

CHECK_ALSO(ZwCreateEvent, gives_a_name_to_one_event, PLACES)
{
    CHECK_NAME Name;
    HANDLE First, Second;

    Fresh(&Name, 0);
    EXPECT_EQUAL(
        ZwCreateEvent(&First, EVENT_ALL_ACCESS, &Name.Attributes, NotificationEvent, FALSE),
        STATUS_SUCCESS);
    EXPECT_EQUAL(
        ZwCreateEvent(&Second, EVENT_ALL_ACCESS, &Name.Attributes, NotificationEvent, FALSE),
        STATUS_OBJECT_NAME_COLLISION);
    EXPECT(Second == NULL);
    Name.Attributes.Attributes |= OBJ_OPENIF;
    EXPECT_EQUAL(
        ZwCreateEvent(&Second, EVENT_ALL_ACCESS, &Name.Attributes, NotificationEvent, FALSE),
        STATUS_OBJECT_NAME_EXISTS);
    ZwClose(First);
    ZwClose(Second);
    Name.Attributes.Attributes &= ~OBJ_OPENIF;
    EXPECT_EQUAL(
        ZwCreateEvent(&First, EVENT_ALL_ACCESS, &Name.Attributes, NotificationEvent, FALSE),
        STATUS_SUCCESS);
    ZwClose(First);
}

CHECK(ZwOpenEvent, PLACES)
{
    CHECK_NAME Name;
    HANDLE First, Second = NULL;
    LONG Before = 7;

    Fresh(&Name, 0);
    EXPECT_EQUAL(ZwOpenEvent(&Second, EVENT_ALL_ACCESS, &Name.Attributes),
                 STATUS_OBJECT_NAME_NOT_FOUND);
    ZwCreateEvent(&First, EVENT_ALL_ACCESS, &Name.Attributes, NotificationEvent, TRUE);
    EXPECT_EQUAL(ZwOpenEvent(&Second, EVENT_ALL_ACCESS, &Name.Attributes), STATUS_SUCCESS);
    EXPECT_EQUAL(ZwResetEvent(Second, &Before), STATUS_SUCCESS);
    EXPECT_EQUAL(Before, 1);
    EXPECT_EQUAL(ZwSetEvent(First, &Before), STATUS_SUCCESS);
    EXPECT_EQUAL(Before, 0);
    ZwClose(First);
    EXPECT_EQUAL(ZwOpenEvent(&First, EVENT_ALL_ACCESS, &Name.Attributes), STATUS_SUCCESS);
    ZwClose(First);
    ZwClose(Second);
    EXPECT_EQUAL(ZwOpenEvent(&Second, EVENT_ALL_ACCESS, &Name.Attributes),
                 STATUS_OBJECT_NAME_NOT_FOUND);
    Name.Name.Buffer[0] = 'X';
    EXPECT_EQUAL(ZwOpenEvent(&Second, EVENT_ALL_ACCESS, &Name.Attributes),
                 STATUS_OBJECT_PATH_SYNTAX_BAD);
    EXPECT_EQUAL(ZwOpenEvent(&Second, EVENT_ALL_ACCESS, NULL), STATUS_INVALID_PARAMETER);
}

static NTSTATUS Look(PKEVENT Event)
{
    LARGE_INTEGER Now;

    Now.QuadPart = 0;
    return KeWaitForSingleObject(Event, Executive, KernelMode, FALSE, &Now);
}

CHECK(IoCreateNotificationEvent, PLACES)
{
    CHECK_NAME Name;
    HANDLE First = NULL, Second = NULL;

    Fresh(&Name, 0);
    PKEVENT Event = IoCreateNotificationEvent(&Name.Name, &First);
    EXPECT(Event != NULL && First != NULL);
    if (Event == NULL) {
        return;
    }
    EXPECT_EQUAL(Look(Event), STATUS_SUCCESS);
    EXPECT_EQUAL(Look(Event), STATUS_SUCCESS);
    KeClearEvent(Event);
    EXPECT(IoCreateNotificationEvent(&Name.Name, &Second) == Event);
    EXPECT_EQUAL(Look(Event), STATUS_TIMEOUT);
    ZwClose(First);
    ZwClose(Second);
}

CHECK(IoCreateSynchronizationEvent, PLACES)
{
    CHECK_NAME Name;
    HANDLE Handle = NULL;

    Fresh(&Name, 0);
    PKEVENT Event = IoCreateSynchronizationEvent(&Name.Name, &Handle);
    EXPECT(Event != NULL);
    if (Event == NULL) {
        return;
    }
    EXPECT_EQUAL(Look(Event), STATUS_SUCCESS);
    EXPECT_EQUAL(Look(Event), STATUS_TIMEOUT);
    ZwClose(Handle);
}

/* ---- sections ---- */

static NTSTATUS Create(HANDLE *Section, POBJECT_ATTRIBUTES Attributes, ULONGLONG Size)
{
    LARGE_INTEGER Maximum;

    Maximum.QuadPart = (LONGLONG)Size;
    return ZwCreateSection(Section, SECTION_ALL_ACCESS, Attributes, &Maximum, PAGE_READWRITE,
                           SEC_COMMIT, NULL);
}

static PUCHAR Map(HANDLE Section, LONGLONG *At, SIZE_T *Size, NTSTATUS *Status)
{
    LARGE_INTEGER Offset;
    PVOID Base = NULL;

    Offset.QuadPart = *At;
    *Status = ZwMapViewOfSection(Section, NtCurrentProcess(), &Base, 0, 0, &Offset, Size, ViewUnmap,
                                 0, PAGE_READWRITE);
    *At = Offset.QuadPart;
    return NT_SUCCESS(*Status) ? Base : NULL;
}

CHECK(ZwCreateSection, PLACES)
{
    LARGE_INTEGER Size;
    HANDLE Section = NULL;

    Size.QuadPart = 4096;
    EXPECT_EQUAL(Create(&Section, NULL, 10), STATUS_SUCCESS);
    EXPECT(Section != NULL);
    ZwClose(Section);
    EXPECT_EQUAL(ZwCreateSection(&Section, SECTION_ALL_ACCESS, NULL, &Size, 0, SEC_COMMIT, NULL),
                 STATUS_INVALID_PAGE_PROTECTION);
    EXPECT_EQUAL(
        ZwCreateSection(&Section, SECTION_ALL_ACCESS, NULL, &Size, PAGE_READWRITE, 0, NULL),
        STATUS_INVALID_PARAMETER_6);
    EXPECT_EQUAL(
        ZwCreateSection(&Section, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READWRITE, SEC_COMMIT, NULL),
        STATUS_INVALID_PARAMETER_4);
    EXPECT_EQUAL(Create(&Section, NULL, 1ull << 50), STATUS_SECTION_TOO_BIG);
    EXPECT_EQUAL(ZwCreateSection(&Section, SECTION_ALL_ACCESS, NULL, &Size, PAGE_READWRITE,
                                 SEC_COMMIT, (HANDLE)0x7FFC),
                 STATUS_INVALID_HANDLE);
}

CHECK(ZwOpenSection, PLACES)
{
    CHECK_NAME Name;
    HANDLE First = NULL, Second = NULL, Event = NULL;
    LONGLONG At = 0;
    SIZE_T Size = 0;
    NTSTATUS Status;

    Fresh(&Name, 0);
    EXPECT_EQUAL(ZwOpenSection(&Second, SECTION_ALL_ACCESS, &Name.Attributes),
                 STATUS_OBJECT_NAME_NOT_FOUND);
    EXPECT_EQUAL(Create(&First, &Name.Attributes, 4096), STATUS_SUCCESS);
    EXPECT_EQUAL(ZwOpenSection(&Second, SECTION_ALL_ACCESS, &Name.Attributes), STATUS_SUCCESS);
    EXPECT_EQUAL(ZwOpenEvent(&Event, EVENT_ALL_ACCESS, &Name.Attributes),
                 STATUS_OBJECT_TYPE_MISMATCH);
    PUCHAR One = Map(First, &At, &Size, &Status), Other = Map(Second, &At, &Size, &Status);
    EXPECT(One != NULL && Other != NULL && One != Other);
    if (One != NULL && Other != NULL) {
        One[100] = 42;
        EXPECT_EQUAL(Other[100], 42);
        ZwUnmapViewOfSection(NtCurrentProcess(), One);
        ZwUnmapViewOfSection(NtCurrentProcess(), Other);
    }
    ZwClose(First);
    ZwClose(Second);
}

CHECK(ZwMapViewOfSection, PLACES)
{
    HANDLE Section = NULL;
    LONGLONG At = 70 * KIB;
    SIZE_T Size = 5000;
    NTSTATUS Status;

    Create(&Section, NULL, 128 * KIB);
    PUCHAR View = Map(Section, &At, &Size, &Status);
    EXPECT_EQUAL(Status, STATUS_SUCCESS);
    EXPECT_EQUAL(At, 64 * KIB);
    EXPECT_EQUAL(Size, 8192);
    EXPECT_EQUAL((ULONG_PTR)View % (64 * KIB), 0);
    View[8191] = 1;
    Size = 65 * KIB;
    EXPECT(Map(Section, &At, &Size, &Status) == NULL);
    EXPECT_EQUAL(Status, STATUS_INVALID_VIEW_SIZE);
    PVOID Again = View;
    Size = 0;
    EXPECT_EQUAL(ZwMapViewOfSection(Section, NtCurrentProcess(), &Again, 0, 0, NULL, &Size,
                                    ViewUnmap, 0, PAGE_READWRITE),
                 STATUS_CONFLICTING_ADDRESSES);
    /* The section lasts as long as its views. */
    ZwClose(Section);
    EXPECT_EQUAL(View[8191], 1);
    EXPECT_EQUAL(ZwUnmapViewOfSection(NtCurrentProcess(), View), STATUS_SUCCESS);
    EXPECT(Map(Section, &At, &Size, &Status) == NULL);
    EXPECT_EQUAL(Status, STATUS_INVALID_HANDLE);
}

CHECK_ALSO(ZwMapViewOfSection, keeps_to_the_protection_of_the_section, PLACES)
{
    LARGE_INTEGER Maximum;
    HANDLE Section = NULL;
    PVOID View = NULL;
    SIZE_T Size = 0;

    Maximum.QuadPart = 4096;
    EXPECT_EQUAL(ZwCreateSection(&Section, SECTION_ALL_ACCESS, NULL, &Maximum, PAGE_READONLY,
                                 SEC_COMMIT, NULL),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(ZwMapViewOfSection(Section, NtCurrentProcess(), &View, 0, 0, NULL, &Size,
                                    ViewUnmap, 0, PAGE_READWRITE),
                 STATUS_SECTION_PROTECTION);
    EXPECT_EQUAL(
        ZwMapViewOfSection(Section, NtCurrentProcess(), &View, 0, 0, NULL, &Size, ViewUnmap, 0, 0),
        STATUS_INVALID_PAGE_PROTECTION);
    EXPECT_EQUAL(ZwMapViewOfSection(Section, NtCurrentProcess(), &View, 0, 0, NULL, &Size,
                                    ViewUnmap, 0, PAGE_READONLY),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(*(volatile UCHAR *)View, 0);
    EXPECT_EQUAL(Size, 4096);
    ZwUnmapViewOfSection(NtCurrentProcess(), View);
    ZwClose(Section);
}

CHECK(ZwUnmapViewOfSection, PLACES)
{
    HANDLE Section = NULL;
    LONGLONG At = 0;
    SIZE_T Size = 0;
    NTSTATUS Status;

    Create(&Section, NULL, 16 * KIB);
    PUCHAR View = Map(Section, &At, &Size, &Status);
    EXPECT(MmIsAddressValid(View));
    /* Any address within it will do. */
    EXPECT_EQUAL(ZwUnmapViewOfSection(NtCurrentProcess(), View + 5000), STATUS_SUCCESS);
    EXPECT(!MmIsAddressValid(View));
    EXPECT_EQUAL(ZwUnmapViewOfSection(NtCurrentProcess(), View), STATUS_NOT_MAPPED_VIEW);
    EXPECT_EQUAL(ZwUnmapViewOfSection(Section, View), STATUS_OBJECT_TYPE_MISMATCH);
    ZwClose(Section);
    EXPECT_EQUAL(ZwUnmapViewOfSection(Section, View), STATUS_INVALID_HANDLE);
}

/* ---- virtual memory ---- */

static NTSTATUS Allocate(PVOID *Base, SIZE_T *Size, ULONG Type)
{
    return ZwAllocateVirtualMemory(NtCurrentProcess(), Base, 0, Size, Type, PAGE_READWRITE);
}

static NTSTATUS Free(PVOID *Base, SIZE_T *Size, ULONG Type)
{
    return ZwFreeVirtualMemory(NtCurrentProcess(), Base, Size, Type);
}

CHECK(ZwAllocateVirtualMemory, PLACES)
{
    PVOID Base = NULL, Other = NULL;
    SIZE_T Size = 100000, Zero = 0;

    EXPECT_EQUAL(Allocate(&Base, &Size, MEM_COMMIT), STATUS_SUCCESS);
    EXPECT_EQUAL(Size, 102400);
    EXPECT_EQUAL((ULONG_PTR)Base % (64 * KIB), 0);
    EXPECT_EQUAL(((PUCHAR)Base)[99999], 0);
    ((PUCHAR)Base)[99999] = 1;
    Other = Base;
    EXPECT_EQUAL(Allocate(&Other, &Size, MEM_RESERVE), STATUS_CONFLICTING_ADDRESSES);
    EXPECT_EQUAL(Free(&Base, &Zero, MEM_RELEASE), STATUS_SUCCESS);
    Zero = 0;
    EXPECT_EQUAL(Allocate(&Other, &Zero, MEM_COMMIT), STATUS_INVALID_PARAMETER_4);
    EXPECT_EQUAL(Allocate(&Other, &Size, 0), STATUS_INVALID_PARAMETER_5);
    EXPECT_EQUAL(Allocate(&Other, &Size, MEM_COMMIT), STATUS_CONFLICTING_ADDRESSES);
    EXPECT_EQUAL(
        ZwAllocateVirtualMemory(NtCurrentProcess(), &Other, 0, &Size, MEM_COMMIT, PAGE_WRITECOPY),
        STATUS_INVALID_PAGE_PROTECTION);
}

CHECK_ALSO(ZwAllocateVirtualMemory, commits_what_was_reserved, PLACES)
{
    PVOID Base = NULL, Part;
    SIZE_T Size = 64 * KIB, One = 1, Zero = 0;

    EXPECT_EQUAL(Allocate(&Base, &Size, MEM_RESERVE), STATUS_SUCCESS);
    EXPECT(!MmIsAddressValid(Base));
    Part = (PUCHAR)Base + 5000;
    EXPECT_EQUAL(Allocate(&Part, &One, MEM_COMMIT), STATUS_SUCCESS);
    EXPECT_EQUAL(One, 4096);
    EXPECT(Part == (PUCHAR)Base + 4096);
    EXPECT(!MmIsAddressValid(Base) && MmIsAddressValid(Part));
    EXPECT_EQUAL(Free(&Base, &Zero, MEM_RELEASE), STATUS_SUCCESS);
}

CHECK(ZwFreeVirtualMemory, PLACES)
{
    PVOID Base = NULL, Part;
    SIZE_T Size = 64 * KIB, One = 1, Zero = 0;

    Allocate(&Base, &Size, MEM_COMMIT);
    Part = (PUCHAR)Base + 4096;
    *(PUCHAR)Part = 1;
    EXPECT_EQUAL(Free(&Part, &One, MEM_DECOMMIT), STATUS_SUCCESS);
    EXPECT_EQUAL(One, 4096);
    EXPECT(!MmIsAddressValid(Part) && MmIsAddressValid(Base));
    EXPECT_EQUAL(Allocate(&Part, &One, MEM_COMMIT), STATUS_SUCCESS);
    EXPECT_EQUAL(*(PUCHAR)Part, 0);
    EXPECT_EQUAL(Free(&Part, &Zero, MEM_RELEASE), STATUS_FREE_VM_NOT_AT_BASE);
    Size = 65 * KIB;
    EXPECT_EQUAL(Free(&Base, &Size, MEM_DECOMMIT), STATUS_UNABLE_TO_FREE_VM);
    EXPECT_EQUAL(Free(&Base, &Zero, 0), STATUS_INVALID_PARAMETER_4);
    EXPECT_EQUAL(Free(&Base, &Zero, MEM_RELEASE), STATUS_SUCCESS);
    EXPECT_EQUAL(Zero, 64 * KIB);
    EXPECT(!MmIsAddressValid(Base));
    EXPECT_EQUAL(Free(&Base, &Zero, MEM_RELEASE), STATUS_MEMORY_NOT_ALLOCATED);
}
