/* The definition names a type that does not exist yet where the prototype stands. */
struct _OLD;
int Late(struct _OLD *old);

typedef struct {
    int Number;
} NEW;

static int Use(NEW *new)
{
    return Late((struct _OLD *)new);
}

int Late(NEW *new)
{
    return new->Number;
}

int DriverEntry(void *object, void *path)
{
    NEW new = {0};
    (void)object;
    (void)path;
    return Use(&new);
}
