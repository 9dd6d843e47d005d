/* Structures that follow are packed to four bytes, until poppack.h. */
#pragma pack(push, 4)
