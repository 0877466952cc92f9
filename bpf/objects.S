// SPDX-License-Identifier: GPL-2.0-only
// The compiled programs as bytes of the loader (addon/loader), which is built anew when this is copied beside them.
.section .rodata
.balign 8
.globl rsc_claim_object
.hidden rsc_claim_object
rsc_claim_object:
.incbin "claim.bpf.o"
.globl rsc_claim_object_end
.hidden rsc_claim_object_end
rsc_claim_object_end:

.balign 8
.globl rsc_veto_object
.hidden rsc_veto_object
rsc_veto_object:
.incbin "veto.bpf.o"
.globl rsc_veto_object_end
.hidden rsc_veto_object_end
rsc_veto_object_end:

.balign 8
.globl rsc_entry_object
.hidden rsc_entry_object
rsc_entry_object:
.incbin "entry.bpf.o"
.globl rsc_entry_object_end
.hidden rsc_entry_object_end
rsc_entry_object_end:
.section .note.GNU-stack,"",@progbits
