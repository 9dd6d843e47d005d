/* C++ from before 2014: one operator delete, which is not told the size, and operators without a type. */
typedef unsigned __int64 size_t;

static volatile int Deleted;
static char Place[64];

/* Not inlined: the compiler takes what it sees deleted for memory of its own heap. */
__declspec(noinline) void *operator new(size_t) { return Place; }
__declspec(noinline) void operator delete(void *) { Deleted = Deleted + 1; }

struct Handle {
    void *Pointer;
    Handle() : Pointer(nullptr) {}
    ~Handle() {}
    operator bool() { return Pointer != nullptr; }
    operator!() { return Pointer == nullptr; }
};

extern "C" int DriverEntry(void *, void *)
{
    Handle *handle = new Handle;
    if (!*handle != 1 || *handle)
        return __LINE__;
    delete handle;
    return Deleted == 1 ? 0 : __LINE__;
}
