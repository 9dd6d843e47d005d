/* A label at the end of a block has an empty statement. */
static int Classify(int number)
{
    int result = 1;
    switch (number) {
    case 0:
        goto out;
    case 1:
        result = 2;
    default:
    }
    result++;
out:
    return result;
}

static void Leave(int *place)
{
    if (!place)
        goto out;
    *place = 0;
out:
}

int DriverEntry(void *object, void *path)
{
    int status = 7;
    (void)object;
    (void)path;
    Leave(&status);
    Leave((int *)0);
    if (Classify(0) != 1 || Classify(1) != 3 || Classify(2) != 2)
        return __LINE__;
    return status;
}
