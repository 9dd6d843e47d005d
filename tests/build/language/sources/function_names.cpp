/* The name of a function is a literal, which is joined with its neighbours. */
namespace outer {
class Inner {
public:
    const char *Inside() const { return "(" __FUNCTION__ ")"; }
    const char *Outside(bool which);
};

const char *Inner::Outside(bool which)
{
    if (which) {
        return __FUNCTION__ ": yes";
    }
    return __FUNCTION__ ": no";
}
} // namespace outer

static bool Same(const char *first, const char *second)
{
    while (*first && *first == *second) {
        first++;
        second++;
    }
    return *first == *second;
}

#define HERE(text) __FUNCTION__ ": " text

extern "C" int DriverEntry(void *, void *)
{
    outer::Inner inner;
    if (!Same(inner.Inside(), "(outer::Inner::Inside)"))
        return __LINE__;
    if (!Same(inner.Outside(true), "outer::Inner::Outside: yes"))
        return __LINE__;
    if (!Same(inner.Outside(false), "outer::Inner::Outside: no"))
        return __LINE__;
    return Same(HERE("here"), "DriverEntry: here") ? 0 : __LINE__;
}
