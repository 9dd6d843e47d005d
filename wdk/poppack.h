/* Ends the packing that the last pshpack header began. */
#pragma pack(pop)
