"""vmlinux.py BZIMAGE VMLINUX: takes the kernel out of the image that Debian packs (xz): QEMU boots it as it is, sooner.

The offsets are those of the setup header, Documentation/arch/x86/boot.rst in the kernel's sources.
"""

import lzma
import struct
import sys

SETUP_SECTS, PAYLOAD_OFFSET = 0x1F1, 0x248
SECTOR = 512

with open(sys.argv[1], 'rb') as file:
    image = file.read()
offset, length = struct.unpack_from('<II', image, PAYLOAD_OFFSET)
start = (image[SETUP_SECTS] + 1) * SECTOR + offset
with open(sys.argv[2], 'wb') as file:
    # Four bytes with the size stand behind the stream: a decompressor object leaves them.
    file.write(lzma.LZMADecompressor().decompress(image[start : start + length]))
