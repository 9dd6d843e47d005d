/* A driver that runs its constructors itself, from the table as Microsoft's linker orders it. */
typedef void(__cdecl *CONSTRUCTOR)(void);
extern "C" unsigned RunnerCount(void);

#pragma section(".CRT$XCA", read)
#pragma section(".CRT$XCZ", read)
extern "C" {
__declspec(allocate(".CRT$XCA")) extern const CONSTRUCTOR First[1] = {nullptr};
__declspec(allocate(".CRT$XCZ")) extern const CONSTRUCTOR Last[1] = {nullptr};
}

struct Counter {
    unsigned Value;
    Counter() : Value(RunnerCount()) {}
};
Counter Global;

extern "C" int DriverEntry(void *, void *)
{
    const CONSTRUCTOR *last = Last;
    __asm__("" : "+r"(last)); /* the distance of two variables is the linker's */
    for (const CONSTRUCTOR *constructor = First; constructor < last; constructor++)
        if (*constructor)
            (*constructor)();
    return Global.Value == 1 ? 0 : __LINE__;
}
