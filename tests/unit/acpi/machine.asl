/*
 * machine.asl - the firmware of tests: an adapter on a slot, its units, and methods of every kind.
 */
DefinitionBlock ("", "DSDT", 2, "STORHS", "MACHINE", 1)
{
    External (\NOPE)
    Scope (\_SB)
    {
        Device (PCI0)
        {
            Name (_HID, EisaId ("PNP0A08"))
            Name (_ADR, Zero)
            Name (CALL, Zero)

            Device (SATA)
            {
                Method (_ADR) { Return (0x00000000) }
                Name (TEXT, "a name, not a method")
                Name (KEPT, Buffer (4) {})

                Method (BUMP, 0, Serialized)
                {
                    CALL++
                    Return (CALL)
                }
                Method (ECHO, 1) { Return (Arg0) }
                Method (MANY, 7)
                {
                    Local0 = Package (7) {}
                    Local0[0] = Arg6
                    Local0[1] = Arg5
                    Local0[2] = Arg4
                    Local0[3] = Arg3
                    Local0[4] = Arg2
                    Local0[5] = Arg1
                    Local0[6] = Arg0
                    Return (Local0)
                }
                Method (ADDS, 2) { Return (Arg0 + Arg1) }
                Method (TYPE, 1) { Return (ObjectType (Arg0)) }
                Method (SIZE, 1) { Return (SizeOf (Arg0)) }
                Method (KEEP, 1, Serialized) { KEPT = Arg0 }
                Method (NEST, 0)
                {
                    Return (Package ()
                    {
                        1,
                        "two",
                        Buffer () { 3, 4, 5 },
                        Package () { 6, Package () { "seven" }, \_SB.PCI0 }
                    })
                }
                Method (HOLE, 0) { Return (Package (3) { 1 }) }
                Method (LONG, 0)
                {
                    Local0 = "0123456789ABCDEF"
                    Local1 = 0
                    While (Local1 < 8)
                    {
                        Local0 = Concatenate (Local0, Local0)
                        Local1++
                    }
                    Return (Local0)
                }
                Method (VOID, 0, Serialized) { CALL = 100 }
                Method (FAIL, 0) { Return (\NOPE) }
                Method (DEEP, 0) { Return (FAIL ()) }
                Method (SAYS, 0)
                {
                    Debug = "Evaluation of \\XSTC returned object [Buffer] Length 01 = 0000: FF"
                    Debug = "Aborting method \\XSTC (AE_AML_NO_RETURN_VALUE)"
                    Return (5)
                }
                Method (HANG, 0) { While (One) {} }
                Event (NEVR)
                Method (DOZE, 0) { Wait (NEVR, 0xFFFF) }
                Method (_DSM, 4)
                {
                    If (Arg2 == 0) { Return (Buffer () { 0x03 }) }
                    Return (DerefOf (Arg3[0]))
                }
                Method (_GTF, 0)
                {
                    Return (Buffer () { 0x10, 0x09, 0, 0, 0, 0xA0, 0xEF })
                }
                Device (PRT0)
                {
                    Name (_ADR, 0x0000FFFF)
                    Method (_GTF, 0) { Return (Buffer () { 1, 2, 3, 4, 5, 6, 7 }) }
                }
                Device (PRT1) { Name (_ADR, 0x0001FFFF) }
            }
        }
    }
}
