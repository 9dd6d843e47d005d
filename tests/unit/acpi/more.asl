/*
 * more.asl - a second table, which adds to the first one's devices.
 */
DefinitionBlock ("", "SSDT", 2, "STORHS", "MORE", 1)
{
    External (\_SB.PCI0.SATA, DeviceObj)
    Scope (\_SB.PCI0.SATA)
    {
        Method (MORE, 0) { Return ("more") }
    }
}
