/* Traces where C++ has them: methods, lambdas, templates, overloads, default arguments. */
#include "traced.h"

#include "traced_classes.tmh"

enum class Color : ULONG { Red = 1, Blue = 4000000000u };

template <typename Number> class Traced {
public:
    explicit Traced(Number start) : number(start)
    {
        Trace(TRACE_LEVEL_ERROR, TRACED_IO, "constructor %I64d", number);
    }
    void Method(bool flag = true) const
    {
        auto lambda = [this](int more) { Trace(TRACE_LEVEL_ERROR, TRACED_IO, "lambda %I64d", number + more); };
        lambda(1);
        Trace(TRACE_LEVEL_ERROR, TRACED_IO, "method %!bool! %u", flag, Color::Blue);
    }

private:
    Number number;
};

extern "C" ULONG DriverEntry(PVOID DriverObject, PVOID RegistryPath)
{
    WPP_INIT_TRACING(DriverObject, RegistryPath);
    Traced<int>(-1).Method();
    Traced<LONGLONG>(5000000000ll).Method(false);
    WPP_CLEANUP(DriverObject);
    return static_cast<ULONG>(STATUS_UNSUCCESSFUL);
}
