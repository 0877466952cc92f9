// See interruptible.h. The window [begin, end) uses no stack, so that the way out can be taken from anywhere in it.
// end is the address after the system call instruction.

        .text
        .globl  rsc_interruptible_syscall
        .globl  rsc_interruptible_begin
        .globl  rsc_interruptible_end
        .globl  rsc_interruptible_cancel
        .hidden rsc_interruptible_begin
        .hidden rsc_interruptible_end
        .hidden rsc_interruptible_cancel
        .hidden rsc_interruptible_syscall
        .type   rsc_interruptible_syscall, %function

#if defined(__x86_64__)

// (rdi: flag, rsi: number, rdx: args)
rsc_interruptible_syscall:
        .cfi_startproc
rsc_interruptible_begin:
        cmpl    $0, (%rdi)
        jne     rsc_interruptible_cancel
        mov     %rsi, %rax
        mov     %rdx, %r11
        mov     (%r11), %rdi
        mov     8(%r11), %rsi
        mov     16(%r11), %rdx
        mov     24(%r11), %r10
        mov     32(%r11), %r8
        mov     40(%r11), %r9
        syscall
rsc_interruptible_end:
        ret
rsc_interruptible_cancel:
        mov     $-4, %rax               // -EINTR
        ret
        .cfi_endproc

#elif defined(__aarch64__)

// (x0: flag, x1: number, x2: args)
rsc_interruptible_syscall:
        .cfi_startproc
rsc_interruptible_begin:
        ldr     w3, [x0]
        cbnz    w3, rsc_interruptible_cancel
        mov     x8, x1
        mov     x9, x2
        ldp     x0, x1, [x9]
        ldp     x2, x3, [x9, #16]
        ldp     x4, x5, [x9, #32]
        svc     #0
rsc_interruptible_end:
        ret
rsc_interruptible_cancel:
        mov     x0, #-4                 // -EINTR
        ret
        .cfi_endproc

#else
#error "rsc knows x86_64 and aarch64"
#endif

        .size   rsc_interruptible_syscall, . - rsc_interruptible_syscall
        .section .note.GNU-stack, "", %progbits
