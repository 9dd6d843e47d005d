/* Structures that follow are packed to two bytes, until poppack.h. */
#pragma pack(push, 2)
