/*
 * result.asl - any value as a buffer: its type (as ObjectType counts), the length of what follows in
 * four bytes, and the value. A package's elements follow one another in the same form.
 *
 * The interpreter's own print of a value cuts strings off; of buffers it prints all, up to 16 KiB. So
 * a call of \XSTK keeps the buffer and gives its length and its first part; \XSTG gives the others.
 */
DefinitionBlock ("", "SSDT", 2, "STORHS", "RESULT", 1)
{
    Method (\XSTS, 1)
    {
        Local0 = ObjectType (Arg0)
        Local1 = Buffer (5) {}
        Local2 = Buffer (0) {}
        If (Local0 == 4)
        {
            Local3 = SizeOf (Arg0)
            Local4 = 0
            While (Local4 < Local3)
            {
                /* An element that was never set cannot be read. */
                If (ObjectType (Arg0[Local4]))
                {
                    Local2 = Concatenate (Local2, \XSTS (DerefOf (Arg0[Local4])))
                }
                Else
                {
                    Local2 = Concatenate (Local2, Buffer (5) {})
                }
                Local4++
            }
        }
        ElseIf (Local0 >= 1 && Local0 <= 3)
        {
            Local2 = ToBuffer (Arg0)
        }
        Local5 = SizeOf (Local2)
        Local1[0] = Local0
        Local1[1] = Local5
        Local1[2] = Local5 >> 8
        Local1[3] = Local5 >> 16
        Local1[4] = Local5 >> 24
        Return (Concatenate (Local1, Local2))
    }

    Name (\XSTV, Zero)

    Method (\XSTG, 1)
    {
        Return (Mid (\XSTV, Arg0, 0x2000))
    }

    Method (\XSTK, 1)
    {
        CopyObject (\XSTS (Arg0), \XSTV)
        Local0 = Buffer (4) {}
        Local1 = SizeOf (\XSTV)
        Local0[0] = Local1
        Local0[1] = Local1 >> 8
        Local0[2] = Local1 >> 16
        Local0[3] = Local1 >> 24
        Return (Concatenate (Local0, \XSTG (0)))
    }
}
