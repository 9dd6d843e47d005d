/* A definition need not repeat its prototype: what parameters point to, const, even their types'
 * names. */
typedef struct _FIRST {
    int Number;
} FIRST;
typedef struct _SECOND {
    int Number;
} SECOND;
typedef int HANDLER(FIRST *first);

static int Pointers(FIRST *first, const char *text);
int Constant(const FIRST *first);
HANDLER ByRole;
int Again(FIRST *first), One(FIRST *first);
static int LaterType(FIRST *first);
extern int Three(FIRST *);
extern int Three(void *);

static int CallAll(FIRST *first)
{
    return Pointers(first, "b") + Constant(first) + ByRole(first) + LaterType(first) + Three(first);
}

static int Pointers(SECOND *second, char *text)
{
    return second->Number + (*text == 'b');
}

int Constant(FIRST *first)
{
    return first->Number;
}

int ByRole(SECOND *second)
{
    return second->Number;
}

typedef struct {
    int Number;
} THIRD;

static int LaterType(THIRD *third)
{
    return third->Number;
}

int Three(SECOND *second)
{
    return second->Number;
}

int One(FIRST *first)
{
    return first->Number;
}

int Again(FIRST *first)
{
    return One(first);
}

int DriverEntry(void *object, void *path)
{
    FIRST first = {10};
    (void)object;
    (void)path;
    return CallAll(&first) + Again(&first) == 61 ? 0 : __LINE__;
}
