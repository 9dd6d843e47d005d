/* C++ as kernel drivers use it: classes, templates, lambdas, placement, tables in ordered sections. */
typedef unsigned __int64 size_t;
extern "C" unsigned RunnerCount(void);

static char Heap[256];
static size_t Used;

void *operator new(size_t size)
{
    void *place = &Heap[Used];
    Used += (size + 15) & ~(size_t)15;
    return place;
}
void *operator new(size_t, void *place)
{
    return place;
}
void operator delete(void *) {}
void operator delete(void *, size_t) {}

class __declspec(novtable) Shape {
public:
    virtual ~Shape() {}
    virtual int Area() const = 0;
    int Twice() const { return 2 * Area(); }
};

template <class T> class Square : public Shape {
public:
    explicit Square(T side) : side_(side) { made++; }
    ~Square() { made--; }
    int Area() const override { return static_cast<int>(side_ * side_); }
    static int made;

private:
    T side_;
};
template <class T> int Square<T>::made = 0;

namespace names {
int Overloaded(int number) { return number; }
int Overloaded(const char *text) { return *text; }
int variable = 7;
} // namespace names

static int Local(int number)
{
    static int calls;
    return number + ++calls;
}

struct Counter {
    unsigned Value;
    Counter() : Value(RunnerCount()) {}
};
Counter Global; /* no driver has its constructor run */

#pragma section("ordered$b", read)
#pragma section("ordered$a", read)
__declspec(allocate("ordered$b")) extern const int Behind = 2;
__declspec(allocate("ordered$a")) extern const int Before = 1;

__declspec(noinline) static int Distance(const int *from, const int *to)
{
    return static_cast<int>(to - from);
}

extern "C" int DriverEntry(void *, void *)
{
    Shape *shape = new Square<int>(3);
    auto add = [&](int number) { return number + shape->Twice(); };
    if (add(1) != 19 || Square<int>::made != 1)
        return __LINE__;
    shape->~Shape();
    new (shape) Square<long>(4);
    if (shape->Area() != 16 || Square<int>::made != 0)
        return __LINE__;
    if (names::Overloaded(3) + names::Overloaded("\4") != names::variable)
        return __LINE__;
    if (Local(1) != 2 || Local(1) != 3)
        return __LINE__;
    if (Global.Value != 0 || RunnerCount() != 1)
        return __LINE__;
    if (Distance(&Before, &Behind) != 1)
        return __LINE__;
    delete shape;
    return 0;
}
