/* Structures that follow are packed to eight bytes, until poppack.h. */
#pragma pack(push, 8)
