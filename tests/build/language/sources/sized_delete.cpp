/* C++ that is told the size of what it deletes, and defines nothing else. */
typedef unsigned __int64 size_t;

static volatile size_t Size;
static char Place[64];

/* Not inlined: the compiler takes what it sees deleted for memory of its own heap. */
__declspec(noinline) void *operator new(size_t) { return Place; }
__declspec(noinline) void operator delete(void *, size_t size) { Size = size; }

struct Counted {
    int Numbers[6];
};

extern "C" int DriverEntry(void *, void *)
{
    Counted *volatile counted = new Counted;
    delete counted;
    return Size == sizeof(Counted) ? 0 : __LINE__;
}
