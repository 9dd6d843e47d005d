/*
 * Checks of what registry keys say of themselves.
 */
#include "check.h"

#define PASSIVE_PLACES (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread))

/* A key of this check alone, empty; both it and its parent are the caller's to close. */
static HANDLE CreateKey(CHECK_CONTEXT *Context, HANDLE Parent, const WCHAR *Name)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING String;
    HANDLE Key = NULL;

    RtlInitUnicodeString(&String, Name);
    InitializeObjectAttributes(&Attributes, &String, OBJ_KERNEL_HANDLE, Parent, NULL);
    EXPECT_EQUAL(ZwCreateKey(&Key, KEY_ALL_ACCESS, &Attributes, 0, NULL, 0, NULL), STATUS_SUCCESS);
    return Key;
}

static VOID DeleteKey(HANDLE Key)
{
    ZwDeleteKey(Key);
    ZwClose(Key);
}

#define WHERE L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\CheckKeys"

CHECK(ZwEnumerateKey, PASSIVE_PLACES)
{
    HANDLE Key = CreateKey(Context, NULL, WHERE), First, Second;
    ULONGLONG Room[16];
    PKEY_BASIC_INFORMATION Basic = (PKEY_BASIC_INFORMATION)Room;
    PKEY_NODE_INFORMATION Node = (PKEY_NODE_INFORMATION)Room;
    PKEY_FULL_INFORMATION Full = (PKEY_FULL_INFORMATION)Room;
    ULONG Length = 0;

    EXPECT_EQUAL(ZwEnumerateKey(Key, 0, KeyBasicInformation, Basic, sizeof(Room), &Length),
                 STATUS_NO_MORE_ENTRIES);
    First = CreateKey(Context, Key, L"Target0");
    Second = CreateKey(Context, Key, L"Target10");
    EXPECT_EQUAL(ZwEnumerateKey(Key, 1, KeyBasicInformation, Basic, sizeof(Room), &Length),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(Length, 16 + 16);
    EXPECT_EQUAL(Basic->NameLength, 16);
    EXPECT(RtlEqualMemory(Basic->Name, L"Target10", 16));
    EXPECT_EQUAL(ZwEnumerateKey(Key, 0, KeyNodeInformation, Node, sizeof(Room), &Length),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(Node->NameLength, 14);
    EXPECT(RtlEqualMemory(Node->Name, L"Target0", 14));
    EXPECT_EQUAL(ZwEnumerateKey(Key, 0, KeyFullInformation, Full, sizeof(Room), &Length),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(Full->SubKeys, 0);
    EXPECT_EQUAL(ZwEnumerateKey(Key, 2, KeyBasicInformation, Basic, sizeof(Room), &Length),
                 STATUS_NO_MORE_ENTRIES);
    EXPECT_EQUAL(ZwEnumerateKey(Key, 0, KeyNameInformation, Basic, sizeof(Room), &Length),
                 STATUS_INVALID_PARAMETER);
    DeleteKey(Second);
    DeleteKey(First);
    DeleteKey(Key);
    EXPECT_EQUAL(ZwEnumerateKey(Key, 0, KeyBasicInformation, Basic, sizeof(Room), &Length),
                 STATUS_INVALID_HANDLE);
}

CHECK_ALSO(ZwEnumerateKey, cuts_a_name_that_does_not_fit, PASSIVE_PLACES)
{
    HANDLE Key = CreateKey(Context, NULL, WHERE), Below = CreateKey(Context, Key, L"Target0");
    ULONGLONG Room[16];
    PKEY_BASIC_INFORMATION Basic = (PKEY_BASIC_INFORMATION)Room;
    ULONG Length = 0;

    RtlFillMemory(Room, sizeof(Room), 0xEE);
    EXPECT_EQUAL(ZwEnumerateKey(Key, 0, KeyBasicInformation, Basic, 16 + 4, &Length),
                 STATUS_BUFFER_OVERFLOW);
    EXPECT_EQUAL(Length, 16 + 14);
    EXPECT(Basic->Name[1] == 'a' && Basic->Name[2] == 0xEEEE);
    EXPECT_EQUAL(ZwEnumerateKey(Key, 0, KeyBasicInformation, Basic, 15, &Length),
                 STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQUAL(Length, 16 + 14);
    DeleteKey(Below);
    DeleteKey(Key);
}

CHECK(ZwQueryKey, PASSIVE_PLACES)
{
    static const WCHAR Where[] = WHERE;
    HANDLE Key = CreateKey(Context, NULL, WHERE), Below = CreateKey(Context, Key, L"Below");
    ULONGLONG Room[32];
    PKEY_FULL_INFORMATION Full = (PKEY_FULL_INFORMATION)Room;
    PKEY_BASIC_INFORMATION Basic = (PKEY_BASIC_INFORMATION)Room;
    UNICODE_STRING Name, Found, Wanted;
    ULONG Number = 1, Length = 0;

    RtlInitUnicodeString(&Name, L"Value");
    ZwSetValueKey(Key, &Name, 0, REG_DWORD, &Number, sizeof(Number));
    EXPECT_EQUAL(ZwQueryKey(Key, KeyFullInformation, Full, sizeof(Room), &Length), STATUS_SUCCESS);
    EXPECT_EQUAL(Full->SubKeys, 1);
    EXPECT_EQUAL(Full->MaxNameLen, 10);
    EXPECT_EQUAL(Full->Values, 1);
    EXPECT_EQUAL(Full->MaxValueNameLen, 10);
    EXPECT_EQUAL(Full->MaxValueDataLen, 4);
    EXPECT_EQUAL(Full->ClassLength, 0);
    EXPECT_EQUAL(ZwQueryKey(Below, KeyBasicInformation, Basic, sizeof(Room), &Length),
                 STATUS_SUCCESS);
    EXPECT(Basic->NameLength == 10 && RtlEqualMemory(Basic->Name, L"Below", 10));
    EXPECT_EQUAL(ZwQueryKey(Key, KeyNameInformation, Room, sizeof(Room), &Length), STATUS_SUCCESS);
    Found.Length = Found.MaximumLength = (USHORT) * (PULONG)Room;
    Found.Buffer = (PWSTR)((PUCHAR)Room + sizeof(ULONG));
    RtlInitUnicodeString(&Wanted, Where);
    EXPECT(RtlEqualUnicodeString(&Found, &Wanted, TRUE));
    EXPECT_EQUAL(ZwQueryKey(Key, KeyFullInformation, Full, 8, &Length), STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQUAL(ZwDeleteKey(Below), STATUS_SUCCESS);
    EXPECT_EQUAL(ZwQueryKey(Below, KeyBasicInformation, Basic, sizeof(Room), &Length),
                 STATUS_KEY_DELETED);
    ZwClose(Below);
    DeleteKey(Key);
}
