/*
 * Checks of the run-time library's registry: values by a table, single keys and values.
 */
#include "check.h"

#define PASSIVE_PLACES (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread))

#define KEY L"checks-registry-values"

/* What the query routine was told. */
typedef struct _TOLD {
    ULONG Calls, Type, Length, Number;
    WCHAR Last; /* of the text, before its terminator */
} TOLD;

static NTSTATUS NTAPI QueryRoutine(PWSTR ValueName, ULONG ValueType, PVOID ValueData,
                                   ULONG ValueLength, PVOID Context, PVOID EntryContext)
{
    TOLD *Told = (TOLD *)Context;

    UNREFERENCED_PARAMETER(ValueName);
    UNREFERENCED_PARAMETER(EntryContext);
    Told->Calls++;
    Told->Type = ValueType;
    Told->Length = ValueLength;
    if (ValueType == REG_DWORD) {
        Told->Number = *(ULONG *)ValueData;
    }
    if (ValueType == REG_SZ && ValueLength >= 4) {
        Told->Last = ((PWCHAR)ValueData)[ValueLength / 2 - 2];
    }
    return STATUS_SUCCESS;
}

static VOID Write(PCWSTR Key, PCWSTR Name, ULONG Type, const VOID *Data, ULONG Length)
{
    RtlWriteRegistryValue(RTL_REGISTRY_SERVICES, Key, Name, Type, (PVOID)(ULONG_PTR)Data, Length);
}

static VOID Prepare(VOID)
{
    ULONG Number = 4711;

    RtlCreateRegistryKey(RTL_REGISTRY_SERVICES, (PWSTR)KEY L"\\Below");
    Write(KEY, L"Number", REG_DWORD, &Number, sizeof(Number));
    Write(KEY, L"Text", REG_SZ, L"disk", 10);
    Write(KEY, L"List", REG_MULTI_SZ, L"one\0two\0", 18);
    Write(KEY, L"Bytes", REG_BINARY, "0123456789", 10);
    Number = 17;
    Write(KEY L"\\Below", L"Deep", REG_DWORD, &Number, sizeof(Number));
}

static NTSTATUS Query(PRTL_QUERY_REGISTRY_TABLE Entry, TOLD *Told)
{
    RTL_QUERY_REGISTRY_TABLE Table[2];

    RtlZeroMemory(Table, sizeof(Table));
    Table[0] = *Entry;
    RtlZeroMemory(Told, sizeof(*Told));
    return RtlQueryRegistryValues(RTL_REGISTRY_SERVICES, KEY, Table, Told, NULL);
}

CHECK(RtlQueryRegistryValues, PASSIVE_PLACES)
{
    RTL_QUERY_REGISTRY_TABLE Entry = {QueryRoutine, 0, L"Number", NULL, REG_NONE, NULL, 0};
    TOLD Told;

    Prepare();
    EXPECT_EQUAL(Query(&Entry, &Told), STATUS_SUCCESS);
    EXPECT(Told.Calls == 1 && Told.Type == REG_DWORD && Told.Number == 4711);
    Entry.Name = L"List";
    EXPECT_EQUAL(Query(&Entry, &Told), STATUS_SUCCESS);
    EXPECT(Told.Calls == 2 && Told.Type == REG_SZ && Told.Length == 8 && Told.Last == 'o');
    Entry.Flags = RTL_QUERY_REGISTRY_NOEXPAND;
    EXPECT_EQUAL(Query(&Entry, &Told), STATUS_SUCCESS);
    EXPECT(Told.Calls == 1 && Told.Type == REG_MULTI_SZ && Told.Length == 18);
    Entry.Name = NULL;
    EXPECT_EQUAL(Query(&Entry, &Told), STATUS_SUCCESS);
    EXPECT_EQUAL(Told.Calls, 4);
    Entry.Flags = RTL_QUERY_REGISTRY_SUBKEY;
    Entry.Name = L"Below";
    EXPECT_EQUAL(Query(&Entry, &Told), STATUS_SUCCESS);
    EXPECT(Told.Calls == 1 && Told.Number == 17);
}

CHECK_ALSO(RtlQueryRegistryValues, knows_what_is_required_and_defaults, PASSIVE_PLACES)
{
    ULONG Default = 99;
    RTL_QUERY_REGISTRY_TABLE Entry = {QueryRoutine, 0, L"Absent", NULL, REG_NONE, NULL, 0};
    TOLD Told;

    Prepare();
    EXPECT_EQUAL(Query(&Entry, &Told), STATUS_SUCCESS);
    EXPECT_EQUAL(Told.Calls, 0);
    Entry.DefaultType = REG_DWORD;
    Entry.DefaultData = &Default;
    Entry.DefaultLength = sizeof(Default);
    EXPECT_EQUAL(Query(&Entry, &Told), STATUS_SUCCESS);
    EXPECT_EQUAL(Told.Number, 99);
    Entry.Flags = RTL_QUERY_REGISTRY_REQUIRED;
    EXPECT_EQUAL(Query(&Entry, &Told), STATUS_OBJECT_NAME_NOT_FOUND);
    EXPECT_EQUAL(
        RtlQueryRegistryValues(RTL_REGISTRY_SERVICES, L"no-such-service", &Entry, NULL, NULL),
        STATUS_OBJECT_NAME_NOT_FOUND);
}

CHECK_ALSO(RtlQueryRegistryValues, stores_directly, PASSIVE_PLACES)
{
    WCHAR Room[8];
    UNICODE_STRING Text = {0, sizeof(Room), Room};
    struct {
        LONG Length;
        ULONG Type;
        UCHAR Bytes[12];
    } Binary = {sizeof(Binary), 0, {0}};
    ULONG Number = 0;
    RTL_QUERY_REGISTRY_TABLE Entry = {
        NULL,    RTL_QUERY_REGISTRY_DIRECT | RTL_QUERY_REGISTRY_TYPECHECK, L"Number",
        &Number, REG_DWORD << RTL_QUERY_REGISTRY_TYPECHECK_SHIFT,          NULL,
        0};
    TOLD Told;

    Prepare();
    EXPECT_EQUAL(Query(&Entry, &Told), STATUS_SUCCESS);
    EXPECT_EQUAL(Number, 4711);
    Entry.Name = L"Text";
    Entry.EntryContext = &Text;
    EXPECT_EQUAL(Query(&Entry, &Told), STATUS_OBJECT_TYPE_MISMATCH);
    Entry.Flags = RTL_QUERY_REGISTRY_DIRECT;
    EXPECT_EQUAL(Query(&Entry, &Told), STATUS_SUCCESS);
    EXPECT(Text.Length == 8 && RtlEqualMemory(Room, L"disk", 10));
    Text.MaximumLength = 8;
    EXPECT_EQUAL(Query(&Entry, &Told), STATUS_BUFFER_TOO_SMALL);
    Text.Buffer = NULL;
    EXPECT_EQUAL(Query(&Entry, &Told), STATUS_SUCCESS);
    EXPECT(Text.Length == 8 && Text.Buffer != NULL);
    RtlFreeUnicodeString(&Text);
    Entry.Name = L"Bytes";
    Entry.EntryContext = &Binary;
    EXPECT_EQUAL(Query(&Entry, &Told), STATUS_SUCCESS);
    EXPECT(Binary.Length == 10 && Binary.Type == REG_BINARY && Binary.Bytes[9] == '9');
    Binary.Length = -9;
    EXPECT_EQUAL(Query(&Entry, &Told), STATUS_BUFFER_TOO_SMALL);
}

CHECK_ALSO(RtlQueryRegistryValues, deletes_what_it_has_told, PASSIVE_PLACES)
{
    RTL_QUERY_REGISTRY_TABLE Entry = {
        QueryRoutine, RTL_QUERY_REGISTRY_DELETE, L"Number", NULL, REG_NONE, NULL, 0};
    TOLD Told;

    Prepare();
    EXPECT_EQUAL(Query(&Entry, &Told), STATUS_SUCCESS);
    EXPECT_EQUAL(Told.Calls, 1);
    EXPECT_EQUAL(Query(&Entry, &Told), STATUS_SUCCESS);
    EXPECT_EQUAL(Told.Calls, 0);
}

CHECK(RtlWriteRegistryValue, PASSIVE_PLACES)
{
    ULONG Number = 5;

    Prepare();
    EXPECT_EQUAL(RtlWriteRegistryValue(RTL_REGISTRY_SERVICES, KEY, L"Number", REG_DWORD, &Number,
                                       sizeof(Number)),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(RtlWriteRegistryValue(RTL_REGISTRY_SERVICES, L"no-such-service", L"Number",
                                       REG_DWORD, &Number, sizeof(Number)),
                 STATUS_OBJECT_NAME_NOT_FOUND);
}

CHECK(RtlDeleteRegistryValue, PASSIVE_PLACES)
{
    Prepare();
    EXPECT_EQUAL(RtlDeleteRegistryValue(RTL_REGISTRY_SERVICES, KEY, L"Text"), STATUS_SUCCESS);
    EXPECT_EQUAL(RtlDeleteRegistryValue(RTL_REGISTRY_SERVICES, KEY, L"Text"),
                 STATUS_OBJECT_NAME_NOT_FOUND);
}

CHECK(RtlCheckRegistryKey, PASSIVE_PLACES)
{
    Prepare();
    EXPECT_EQUAL(RtlCheckRegistryKey(RTL_REGISTRY_SERVICES, (PWSTR)KEY L"\\Below"), STATUS_SUCCESS);
    EXPECT_EQUAL(RtlCheckRegistryKey(RTL_REGISTRY_SERVICES, (PWSTR)KEY L"\\Above"),
                 STATUS_OBJECT_NAME_NOT_FOUND);
    EXPECT_EQUAL(RtlCheckRegistryKey(RTL_REGISTRY_USER, (PWSTR)L"x"), STATUS_OBJECT_NAME_NOT_FOUND);
}

CHECK(RtlCreateRegistryKey, PASSIVE_PLACES)
{
    EXPECT_EQUAL(RtlCreateRegistryKey(RTL_REGISTRY_SERVICES, (PWSTR)KEY L"\\New"), STATUS_SUCCESS);
    EXPECT_EQUAL(RtlCheckRegistryKey(RTL_REGISTRY_SERVICES, (PWSTR)KEY L"\\New"), STATUS_SUCCESS);
}
