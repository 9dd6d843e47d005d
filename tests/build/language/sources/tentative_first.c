/* The same variable in two sources, without an initialiser in either. */
int Everywhere[4];
int Nowhere;
int SetEverywhere(int number);

int DriverEntry(void *object, void *path)
{
    (void)object;
    (void)path;
    if (Nowhere || Everywhere[1])
        return __LINE__;
    return SetEverywhere(5) == Everywhere[1] ? 0 : __LINE__;
}
