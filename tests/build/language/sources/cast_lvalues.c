/* A cast may be assigned to, counted and pointed at, also in a macro and inside another cast. */
typedef unsigned char *BYTES;
typedef struct {
    void *Position;
    unsigned long Value;
} CURSOR;

#define NEXT_BYTE(place) (*((BYTES)(place))++)

static unsigned char Data[8] = {1, 2, 3, 4, 5, 6, 7, 8};

static void SetPointer(void **place, void *value)
{
    *place = value;
}

int DriverEntry(void *object, void *path)
{
    CURSOR cursor;
    CURSOR *current = &cursor;
    (void)object;
    (void)path;
    SetPointer(&(void *)cursor.Position, Data);
    (BYTES) current->Position += 2;
    if (cursor.Position != &Data[2])
        return __LINE__;
    ((BYTES)cursor.Position)++;
    if (NEXT_BYTE(cursor.Position) != 4 || cursor.Position != &Data[4])
        return __LINE__;
    --((unsigned short *)cursor.Position);
    if (cursor.Position != &Data[2])
        return __LINE__;
    cursor.Value = 0x11223344;
    (unsigned char)cursor.Value = 0x55;
    if (cursor.Value != 0x11223355)
        return __LINE__;
    (unsigned char)(unsigned short)cursor.Value = 0x66;
    return cursor.Value == 0x11223366 ? 0 : __LINE__;
}
