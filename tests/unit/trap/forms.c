/*
 * forms.c - instructions that access memory at rdx (strings at rsi and rdi), in a driver's code:
 * each with all registers from a state and back into it.
 */
#include "forms.h"

#define SAVE                                                                                       \
    "push %rbx\n push %rbp\n push %rsi\n push %rdi\n"                                              \
    "push %r12\n push %r13\n push %r14\n push %r15\n"
#define RESTORE                                                                                    \
    "pop %r15\n pop %r14\n pop %r13\n pop %r12\n"                                                  \
    "pop %rdi\n pop %rsi\n pop %rbp\n pop %rbx\n ret\n"
#define LOAD                                                                                       \
    "mov %rcx, %r15\n"                                                                             \
    "movups 144(%r15), %xmm0\n movups 160(%r15), %xmm1\n movups 176(%r15), %xmm2\n"                \
    "movups 192(%r15), %xmm3\n movups 208(%r15), %xmm4\n movups 224(%r15), %xmm5\n"                \
    "pushq 128(%r15)\n popfq\n"                                                                    \
    "mov 0(%r15), %rax\n mov 8(%r15), %rcx\n mov 16(%r15), %rdx\n mov 24(%r15), %rbx\n"            \
    "mov 40(%r15), %rbp\n mov 48(%r15), %rsi\n mov 56(%r15), %rdi\n"                               \
    "mov 64(%r15), %r8\n mov 72(%r15), %r9\n mov 80(%r15), %r10\n mov 88(%r15), %r11\n"            \
    "mov 96(%r15), %r12\n mov 104(%r15), %r13\n mov 112(%r15), %r14\n"
#define STORE                                                                                      \
    "mov %rax, 0(%r15)\n mov %rcx, 8(%r15)\n mov %rdx, 16(%r15)\n mov %rbx, 24(%r15)\n"            \
    "mov %rbp, 40(%r15)\n mov %rsi, 48(%r15)\n mov %rdi, 56(%r15)\n"                               \
    "mov %r8, 64(%r15)\n mov %r9, 72(%r15)\n mov %r10, 80(%r15)\n mov %r11, 88(%r15)\n"            \
    "mov %r12, 96(%r15)\n mov %r13, 104(%r15)\n mov %r14, 112(%r15)\n"                             \
    "pushfq\n popq 128(%r15)\n cld\n"                                                              \
    "movups %xmm0, 144(%r15)\n movups %xmm1, 160(%r15)\n movups %xmm2, 176(%r15)\n"                \
    "movups %xmm3, 192(%r15)\n movups %xmm4, 208(%r15)\n movups %xmm5, 224(%r15)\n"

#define FORMS(FORM)                                                                                \
    FORM(1, "movb (%rdx), %al")                                                                    \
    FORM(2, "movb (%rdx), %ah")                                                                    \
    FORM(3, "movw 2(%rdx), %cx")                                                                   \
    FORM(4, "movl 4(%rdx), %eax")                                                                  \
    FORM(5, "movl 4(%rdx), %r14d")                                                                 \
    FORM(6, "movq 8(%rdx), %rbx")                                                                  \
    FORM(7, "movl (%rdx,%r8,4), %edx")                                                             \
    FORM(8, "movb %bh, 1(%rdx)")                                                                   \
    FORM(9, "movb %r9b, 1(%rdx)")                                                                  \
    FORM(10, "movw %ax, 2(%rdx)")                                                                  \
    FORM(11, "movl %r10d, 4(%rdx)")                                                                \
    FORM(12, "movq %rbp, 8(%rdx)")                                                                 \
    FORM(13, "movb $0x5A, 3(%rdx)")                                                                \
    FORM(14, "movw $0x1234, 6(%rdx)")                                                              \
    FORM(15, "movl $0x12345678, 12(%rdx)")                                                         \
    FORM(16, "movq $-2, 16(%rdx)")                                                                 \
    FORM(17, "movzbl (%rdx), %eax")                                                                \
    FORM(18, "movzbw (%rdx), %ax")                                                                 \
    FORM(19, "movzwl 2(%rdx), %r8d")                                                               \
    FORM(20, "movsbl (%rdx), %ecx")                                                                \
    FORM(21, "movsbq (%rdx), %rcx")                                                                \
    FORM(22, "movswl 2(%rdx), %ecx")                                                               \
    FORM(23, "movslq 4(%rdx), %r11")                                                               \
    FORM(24, "andl $0x0FF00FF0, 4(%rdx)")                                                          \
    FORM(25, "andb $-4, 1(%rdx)")                                                                  \
    FORM(26, "orl $1, 4(%rdx)")                                                                    \
    FORM(27, "orq %rax, 8(%rdx)")                                                                  \
    FORM(28, "xorl %ecx, 4(%rdx)")                                                                 \
    FORM(29, "addl $7, 4(%rdx)")                                                                   \
    FORM(30, "adcl %eax, 4(%rdx)")                                                                 \
    FORM(31, "subw $7, 4(%rdx)")                                                                   \
    FORM(32, "incl 4(%rdx)")                                                                       \
    FORM(33, "decb 4(%rdx)")                                                                       \
    FORM(34, "notl 4(%rdx)")                                                                       \
    FORM(35, "negl 4(%rdx)")                                                                       \
    FORM(36, "shll $3, 4(%rdx)")                                                                   \
    FORM(37, "testl $0x80, 4(%rdx)")                                                               \
    FORM(38, "testb $1, (%rdx)")                                                                   \
    FORM(39, "cmpl %eax, 4(%rdx)")                                                                 \
    FORM(40, "cmpl 4(%rdx), %eax")                                                                 \
    FORM(41, "cmpb $0x33, (%rdx)")                                                                 \
    FORM(42, "addl 4(%rdx), %eax")                                                                 \
    FORM(43, "andl 4(%rdx), %ebx")                                                                 \
    FORM(44, "orl 4(%rdx), %r9d")                                                                  \
    FORM(45, "xorq 8(%rdx), %r9")                                                                  \
    FORM(46, "imull $3, 4(%rdx), %ecx")                                                            \
    FORM(47, "cmovel 4(%rdx), %eax")                                                               \
    FORM(48, "xchgl %eax, 4(%rdx)")                                                                \
    FORM(49, "xchgb %cl, (%rdx)")                                                                  \
    FORM(50, "lock orl $8, 4(%rdx)")                                                               \
    FORM(51, "lock andl $8, 4(%rdx)")                                                              \
    FORM(52, "lock xaddl %eax, 4(%rdx)")                                                           \
    FORM(53, "lock cmpxchgl %ecx, 4(%rdx)")                                                        \
    FORM(54, "lock incq 8(%rdx)")                                                                  \
    FORM(55, "lock btsl $5, 4(%rdx)")                                                              \
    FORM(56, "btl $5, 4(%rdx)")                                                                    \
    FORM(57, "bswapl %eax\n movbel 4(%rdx), %ecx")                                                 \
    FORM(58, "movd 4(%rdx), %xmm0")                                                                \
    FORM(59, "movq 8(%rdx), %xmm1")                                                                \
    FORM(60, "movd %xmm2, 4(%rdx)")                                                                \
    FORM(61, "movq %xmm3, 8(%rdx)")                                                                \
    FORM(62, "movups (%rdx), %xmm4")                                                               \
    FORM(63, "movaps 16(%rdx), %xmm5")                                                             \
    FORM(64, "movdqu %xmm0, 16(%rdx)")                                                             \
    FORM(65, "movdqa %xmm1, 32(%rdx)")                                                             \
    FORM(66, "movntdq %xmm1, 32(%rdx)")                                                            \
    FORM(67, "movss 4(%rdx), %xmm0")                                                               \
    FORM(68, "movsd 8(%rdx), %xmm0")                                                               \
    FORM(69, "movhps %xmm2, 8(%rdx)")                                                              \
    FORM(70, "pxor (%rdx), %xmm2")                                                                 \
    FORM(71, "movntil %eax, 4(%rdx)")                                                              \
    FORM(72, "movq $0x40, %rcx\n mov %rdx, %rdi\n rep stosb")                                      \
    FORM(73, "movq $0x10, %rcx\n mov %rdx, %rdi\n rep stosl")                                      \
    FORM(74, "mov %rdx, %rdi\n stosq")                                                             \
    FORM(75, "movq $8, %rcx\n lea 56(%rdx), %rdi\n std\n rep stosq\n cld")                         \
    FORM(76, "movq $16, %rcx\n mov %rdx, %rdi\n rep movsw")                                        \
    FORM(77, "movq $8, %rcx\n mov %rsi, %rdi\n mov %rdx, %rsi\n rep movsl")                        \
    FORM(78, "mov %rdx, %rsi\n lodsb")                                                             \
    FORM(79, "mov %rdx, %rsi\n lodsl")                                                             \
    FORM(80, "mov %rdx, %rsi\n lodsq")                                                             \
    FORM(81, "movq $0, %rcx\n mov %rdx, %rdi\n rep stosb")                                         \
    FORM(82, "sete 4(%rdx)")                                                                       \
    FORM(83, "cmpxchg8b 8(%rdx)")                                                                  \
    FORM(84, "lock cmpxchg16b 16(%rdx)")                                                           \
    FORM(85, "lock addl %eax, 4(%rdx)")                                                            \
    FORM(86, "lock subq $3, 8(%rdx)")                                                              \
    FORM(87, "lock xorb $0x55, 1(%rdx)")                                                           \
    FORM(88, "lock notw 2(%rdx)")                                                                  \
    FORM(89, "lock negl 4(%rdx)")                                                                  \
    FORM(90, "lock decl 4(%rdx)")                                                                  \
    FORM(91, "lock btrl $5, 4(%rdx)")                                                              \
    FORM(92, "lock btcl $7, 4(%rdx)")                                                              \
    FORM(93, "movl $70, %eax\n btsl %eax, (%rdx)")                                                 \
    FORM(94, "movq $-3, %rcx\n btrq %rcx, 16(%rdx)")                                               \
    FORM(95, "movl $-35, %ecx\n lock btcl %ecx, 16(%rdx)")                                         \
    FORM(96, "andl $0x1FF, %eax\n btw %ax, (%rdx)")                                                \
    FORM(97, "sarl $1, 4(%rdx)")                                                                   \
    FORM(98, "rolw %cl, 2(%rdx)")                                                                  \
    FORM(99, "rcrb $1, (%rdx)")                                                                    \
    FORM(100, "sbbl %eax, 4(%rdx)")                                                                \
    FORM(101, "sbbq 8(%rdx), %rbx")                                                                \
    FORM(102, "mull 4(%rdx)")                                                                      \
    FORM(103, "bsfl 4(%rdx), %eax")                                                                \
    FORM(104, "crc32l 4(%rdx), %eax")                                                              \
    FORM(105, "popcntl 4(%rdx), %ecx")                                                             \
    FORM(106, "pushq 8(%rdx)\n popq %rax")                                                         \
    FORM(107, "pushq %rbx\n popq 8(%rdx)")                                                         \
    FORM(108, "movl 3(%rdx), %eax")                                                                \
    FORM(109, "movq 5(%rdx), %rax")                                                                \
    FORM(110, "movw 7(%rdx), %ax")                                                                 \
    FORM(111, "movl %ecx, 6(%rdx)")                                                                \
    FORM(112, "movq %rcx, 1(%rdx)")                                                                \
    FORM(113, "movups 3(%rdx), %xmm0")                                                             \
    FORM(114, "lock incl 6(%rdx)")                                                                 \
    FORM(115, "movss %xmm1, 4(%rdx)")                                                              \
    FORM(116, "movsd %xmm1, 8(%rdx)")                                                              \
    FORM(117, "movlps 8(%rdx), %xmm3")                                                             \
    FORM(118, "movhpd 8(%rdx), %xmm3")                                                             \
    FORM(119, "movapd %xmm4, 16(%rdx)")                                                            \
    FORM(120, "movntps %xmm4, 16(%rdx)")                                                           \
    FORM(121, "movntiq %rax, 8(%rdx)")                                                             \
    FORM(122, "movntdqa 16(%rdx), %xmm2")                                                          \
    FORM(123, "lddqu 5(%rdx), %xmm2")                                                              \
    FORM(124, "pinsrw $3, 2(%rdx), %xmm1")                                                         \
    FORM(125, "pextrd $2, %xmm1, 4(%rdx)")                                                         \
    FORM(126, "paddd 16(%rdx), %xmm5")                                                             \
    FORM(127, "cvtsi2sdl 4(%rdx), %xmm0")                                                          \
    FORM(128, "movbel %ecx, 4(%rdx)")                                                              \
    FORM(129, "movl $32, %ecx\n mov %rdx, %rdi\n repe cmpsb")                                      \
    FORM(130, "mov %rdx, %rdi\n mov %rdx, %rsi\n movl $8, %ecx\n repe cmpsl")                      \
    FORM(131, "mov %rdx, %rdi\n cmpsw")                                                            \
    FORM(132, "movl $64, %ecx\n mov %rdx, %rdi\n repne scasb")                                     \
    FORM(133, "mov %rdx, %rdi\n scasl")                                                            \
    FORM(134, "movl $2, %ecx\n mov %rdx, %rdi\n movq (%rdx), %rax\n repe scasq")                   \
    FORM(135, "movl $4, %ecx\n lea 128(%rdx), %rdi\n mov %rdx, %rsi\n rep movsq")                  \
    FORM(136, "movl $13, %ecx\n mov %rdx, %rdi\n rep movsb")                                       \
    FORM(137, "movl $7, %ecx\n lea 8(%rsi), %rdi\n lea 8(%rdx), %rsi\n std\n rep movsb\n cld")     \
    FORM(138, "mov %rdx, %rdi\n movsl")                                                            \
    FORM(139, "movups (%rsi), %xmm0\n movups %xmm0, (%rdx)")                                       \
    FORM(140, "vmovups (%rdx), %xmm0")                                                             \
    FORM(141, "vmovups 32(%rdx), %ymm0\n vextractf128 $1, %ymm0, %xmm1\n vzeroupper")              \
    FORM(142, "vinsertf128 $1, %xmm2, %ymm0, %ymm0\n vmovups (%rdx), %xmm0\n vextractf128 $1, "    \
              "%ymm0, %xmm1\n vzeroupper")                                                         \
    FORM(143, "vinsertf128 $1, %xmm2, %ymm0, %ymm0\n movups (%rdx), %xmm0\n vextractf128 $1, "     \
              "%ymm0, %xmm1\n vzeroupper")                                                         \
    FORM(144, "vinsertf128 $1, %xmm2, %ymm3, %ymm3\n movl 4(%rdx), %eax\n vextractf128 $1, "       \
              "%ymm3, %xmm1\n vzeroupper")                                                         \
    FORM(145, "vinsertf128 $1, %xmm2, %ymm3, %ymm3\n vmovdqu %ymm3, 32(%rdx)\n vzeroupper")        \
    FORM(146, "vmovdqa %xmm1, 32(%rdx)")                                                           \
    FORM(147, "vmovntdq %xmm1, 32(%rdx)")                                                          \
    FORM(148, "vmovd 4(%rdx), %xmm5")                                                              \
    FORM(149, "vmovq %xmm5, 8(%rdx)")                                                              \
    FORM(150, "vpxor 16(%rdx), %xmm1, %xmm2")                                                      \
    FORM(151, "vbroadcastss 4(%rdx), %ymm2\n vextractf128 $1, %ymm2, %xmm1\n vzeroupper")          \
    FORM(152, "lock cmpxchg8b 8(%rdx)")                                                            \
    FORM(153, "lock cmpxchg %r9b, 3(%rdx)")                                                        \
    FORM(154, "lock xaddw %r10w, 6(%rdx)")                                                         \
    FORM(155, "lock negl 4(%rdx)")                                                                 \
    FORM(156, "lock btcq $40, 8(%rdx)")                                                            \
    FORM(157, "andl $63, %ecx\n lock btrl %ecx, 4(%rdx)")                                          \
    FORM(158, "xchgq %r11, 8(%rdx)")                                                               \
    FORM(159, "xchgw %bp, 6(%rdx)")                                                                \
    FORM(160, "movntil %ecx, 4(%rdx)")                                                             \
    FORM(161, "vmovntps %ymm1, 32(%rdx)\n vzeroupper")                                             \
    FORM(162, "vmovdqu 32(%rdx), %ymm4\n vextractf128 $1, %ymm4, %xmm1\n vzeroupper")              \
    FORM(163, "movbeq 8(%rdx), %r12")                                                              \
    FORM(164, "movbew %ax, 6(%rdx)")                                                               \
    FORM(165, "sarl $2, 4(%rdx)")                                                                  \
    FORM(166, "rolw %cl, 6(%rdx)")                                                                 \
    FORM(167, "shldl $5, %eax, 4(%rdx)")                                                           \
    FORM(168, "sete 3(%rdx)")                                                                      \
    FORM(169, "movl $5, %ecx\n mov %rdx, %rdi\n rep stosl")                                        \
    FORM(170, "movl $3, %ecx\n mov %rdx, %rdi\n movsl\n rep movsw")                                \
    FORM(171, "movl $4, %ecx\n mov %rsi, %rdi\n mov %rdx, %rsi\n rep movsl")                       \
    FORM(172, "movlps 8(%rdx), %xmm3\n movhlps %xmm3, %xmm2\n movlps %xmm2, 16(%rdx)")             \
    FORM(173, "pinsrd $1, 4(%rdx), %xmm0\n pextrq $1, %xmm1, 8(%rdx)")                             \
    FORM(174, "bsfl 4(%rdx), %ecx\n popcntq 8(%rdx), %r8")

/* Ports at dx; strings at rsi and rdi. */
#define PORTS(FORM)                                                                                \
    FORM(300, "inb %dx, %al")                                                                      \
    FORM(301, "inw %dx, %ax")                                                                      \
    FORM(302, "inl %dx, %eax")                                                                     \
    FORM(303, "outb %al, %dx")                                                                     \
    FORM(304, "outw %ax, %dx")                                                                     \
    FORM(305, "outl %eax, %dx")                                                                    \
    FORM(306, "inb $0x42, %al")                                                                    \
    FORM(307, "movl $3, %ecx\n rep insb")                                                          \
    FORM(308, "movl $2, %ecx\n rep insl")                                                          \
    FORM(309, "movl $3, %ecx\n rep outsw")                                                         \
    FORM(310, "outsb")                                                                             \
    FORM(311, "movl $0, %ecx\n rep insb")

/* What no driver survives. */
#define FAULTS(FORM)                                                                               \
    FORM(400, "cli\n hlt")                                                                         \
    FORM(401, "wrmsr")                                                                             \
    FORM(402, "movl $3, %ecx\n int $0x29")                                                         \
    FORM(403, "xorl %ecx, %ecx\n divl %ecx")                                                       \
    FORM(404, "xorl %eax, %eax\n call *%rax")                                                      \
    FORM(405, "int3")                                                                              \
    FORM(406, "movaps 1(%rsi), %xmm0")                                                             \
    FORM(407, "movabsq $0x8000000000000000, %rax\n movl (%rax), %eax")                             \
    FORM(408, "ud2")                                                                               \
    FORM(409, "mov %rdx, %rdi\n movl $0x123450, %esi\n movl $4, %ecx\n rep movsb")                 \
    FORM(410, "mov %rdx, %rsi\n movl $0x123450, %edi\n movl $4, %ecx\n rep movsb")                 \
    FORM(411, "call *(%rdx)")                                                                      \
    FORM(412, "fldl 8(%rdx)")                                                                      \
    FORM(413, "movl $0x1234, %ecx\n rdmsr")                                                        \
    FORM(414, "int $0x2C")                                                                         \
    FORM(415, "movl $16, %eax\n mov %rax, %cr8")                                                   \
    FORM(416, "mov %rax, %cr3")                                                                    \
    FORM(417, "lgdt (%rsi)")                                                                       \
    FORM(418, "movabsq $0xFFFFF78000000000, %rdx\n movl %eax, 8(%rdx)")                            \
    FORM(419, "movabsq $0xFFFFF78000001000, %rdx\n movl (%rdx), %eax")                             \
    FORM(420, "movl $1, %eax\n movl $0x123450, %ecx\n movl $5, %edx\n int $0x2D\n int3")

/* What needs a kernel, and is carried out for a driver. */
#define SYSTEMS(FORM)                                                                              \
    FORM(500, "mov %cr8, %rax")                                                                    \
    FORM(501, "mov %cr8, %r13")                                                                    \
    FORM(502, "mov %rbx, %cr8")                                                                    \
    FORM(503, "mov %r9, %cr8")                                                                     \
    FORM(504, "cli")                                                                               \
    FORM(505, "sti")                                                                               \
    FORM(506, "hlt")                                                                               \
    FORM(507, "wbinvd\n invd\n invlpg (%rsi)")                                                     \
    FORM(508, "movl $0xC0000101, %ecx\n rdmsr")                                                    \
    FORM(509, "movl $0xC0000103, %ecx\n rdmsr")                                                    \
    FORM(510, "mov %cr0, %rax\n mov %cr2, %rdx\n mov %cr3, %r8\n mov %cr4, %rbx")                  \
    FORM(511, "movl $1, %eax\n mov %rsi, %rcx\n movl $9, %edx\n int $0x2D\n int3")                 \
    FORM(512, "movl $3, %eax\n int $0x2D\n nop")                                                   \
    FORM(513, "movabsq 0xFFFFF78000000320, %rax")                                                  \
    FORM(514, "movabsq $0xFFFFF78000000000, %rdx\n movl 0x260(%rdx), %ebx")                        \
    FORM(515, "movabsq $0xFFFFF78000000000, %rdx\n addq 8(%rdx), %rax")                            \
    FORM(516, "movabsq $0xFFFFF78000000014, %rsi\n lodsq")                                         \
    FORM(517, "movq %gs:0x188, %rax\n movl %gs:0x1A4, %ebx\n movzbl %gs:0x50, %ebp")

#define DECLARE(number, text) extern void Form##number(struct form_state *state);
#ifdef __ELF__
#define LABEL(name) ".hidden " name "\n.type " name ", @function\n" name ":\n"
#else
#define LABEL(name) name ":\n"
#endif
#define DEFINE(number, text)                                                                       \
    __asm__(".text\n.globl Form" #number "\n" LABEL("Form" #number) SAVE LOAD text                 \
            "\n" STORE RESTORE);
#define LIST(number, text) {text, Form##number},

FORMS(DECLARE)
FORMS(DEFINE)
PORTS(DECLARE)
PORTS(DEFINE)
FAULTS(DECLARE)
FAULTS(DEFINE)
SYSTEMS(DECLARE)
SYSTEMS(DEFINE)

static const struct form list[] = {FORMS(LIST)};
static const struct form ports[] = {PORTS(LIST)};
static const struct form faults[] = {FAULTS(LIST)};
static const struct form systems[] = {SYSTEMS(LIST)};

/* For tests of faults that are none of a device. */
static __declspec(noinline) int Load(const volatile int *address)
{
    return *address;
}

int DriverEntry(void *argument, void *registry_path)
{
    struct forms *forms = argument;

    if (registry_path)
        return Load(registry_path);
    forms->list = list;
    forms->count = sizeof(list) / sizeof(list[0]);
    forms->ports = ports;
    forms->port_count = sizeof(ports) / sizeof(ports[0]);
    forms->faults = faults;
    forms->fault_count = sizeof(faults) / sizeof(faults[0]);
    forms->systems = systems;
    forms->system_count = sizeof(systems) / sizeof(systems[0]);
    return 0;
}
