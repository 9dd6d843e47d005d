/* What Microsoft's compiler takes with a warning at most. */
#pragma warning(disable : 4200)
#pragma alloc_text(INIT, DriverEntry)
#pragma unknown_to_everybody(1, "two")
#include "Headers\first.h" // a comment behind

typedef int NUMBER;
typedef int NUMBER;
extern int External;
static int External = 3;
static int Tentative[];
static int Tentative[3];
enum Late;
enum Late { ONE = 1 };
struct Empty {
};
typedef struct {
    int Count;
    union {
        int Numbers[];
        char Bytes[];
    };
} FLEXIBLE;
typedef __declspec(align(16)) struct {
    int Number;
} ALIGNED;
__declspec(selectany) int Shared = 4;
#define PASTE(a, b)      a##b
#define LIST(first, ...) Sum(first, __VA_ARGS__)

static int Sum(int first, int second)
{
    return first + second;
}

static OldStyle(first, second) int first;
char *second;
{
    return first + *second;
}

static int Loose(void)
{
    void *pointer = &External;
    int *number = pointer;
    unsigned char *bytes = number;
    unsigned long long address = pointer;
    pointer++;
    return (unsigned long long)pointer - address + *bytes;
}

static __forceinline __declspec(noinline) void Nothing(int unused)
{
    return;
}

static int NoValue(int number)
{
    if (number)
        return;
}

int DriverEntry(void *object, void *path)
{
    ALIGNED aligned;
    Nothing(1);
    NoValue(1);
    if (sizeof(ALIGNED) != 16 || __builtin_offsetof(FLEXIBLE, Bytes) != 4 ||
        ((unsigned long long)&aligned & 15))
        return __LINE__;
    if (Loose() != 4 || OldStyle(1, "\1") != 2 || LIST(1, 2) != 3)
        return __LINE__;
    if ('abcd' != 0x61626364 ||
        sizeof(L"wide"
               "mixed") != 20 ||
        0xFFFFFFFFui64 + 1i64 != 0x100000000)
        return __LINE__;
    if (Shared != 4 || PASTE(ON, E) != 1 || sizeof(L'a') != 2 || sizeof(long) != 4)
        return __LINE__;
    return 0;
}
 this is behind the end
