/* Structures that follow are packed to single bytes, until poppack.h. */
#pragma pack(push, 1)
