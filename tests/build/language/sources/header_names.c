/* Names of headers have the case and the slashes that their author liked. */
#include "HEADERS\First.H"
#include <headers/deep/SECOND.h>

int DriverEntry(void *object, void *path)
{
    (void)object;
    (void)path;
    return FIRST_HEADER + SECOND_HEADER + THIRD_HEADER == 6 ? 0 : __LINE__;
}
