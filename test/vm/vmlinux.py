"""vmlinux.py BZIMAGE VMLINUX: takes the kernel out of the image that Debian packs: QEMU boots it as it is, sooner.

The offsets are those of the setup header, Documentation/arch/x86/boot.rst in the kernel's sources.
"""

import lzma
import struct
import subprocess
import sys

SETUP_SECTS, PAYLOAD_OFFSET = 0x1F1, 0x248
SECTOR = 512
XZ = b'\xfd7zXZ\0'
ZSTD = b'\x28\xb5\x2f\xfd'

with open(sys.argv[1], 'rb') as file:
    image = file.read()
offset, length = struct.unpack_from('<II', image, PAYLOAD_OFFSET)
start = (image[SETUP_SECTS] + 1) * SECTOR + offset
# Four bytes with the size stand behind the stream.
packed = image[start : start + length - 4]
if packed.startswith(XZ):
    kernel = lzma.decompress(packed)
elif packed.startswith(ZSTD):
    kernel = subprocess.run(['zstd', '-dc'], input=packed, stdout=subprocess.PIPE, check=True).stdout
else:
    sys.exit(f'cannot unpack the kernel {sys.argv[1]}: it is neither xz nor zstd, but begins with {packed[:6].hex()}')
with open(sys.argv[2], 'wb') as file:
    file.write(kernel)
