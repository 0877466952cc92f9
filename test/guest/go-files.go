// What a static program in Go does with files: goroutines, walks, links, errors, locks, maps, programs that it runs, a server
// of files, while the runtime sends its threads signals.
package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

func check(err error) {
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
}

func countLines(name string, lines int) int {
	check(os.WriteFile(name, []byte(strings.Repeat("line\n", lines)), 0o644))
	text, err := os.ReadFile(name)
	check(err)
	return strings.Count(string(text), "\n")
}

func counts() {
	var group sync.WaitGroup
	counts := make([]int, 16)
	for i := range counts {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			counts[i] = countLines(fmt.Sprintf("file-%d", i), i+1)
		}(i)
	}
	group.Wait()
	fmt.Println("lines", counts)
}

func walks() {
	check(filepath.WalkDir("library", func(path string, entry fs.DirEntry, err error) error {
		check(err)
		fmt.Println("walked", path, entry.IsDir())
		return nil
	}))
	check(os.Rename("file-3", "renamed"))
	check(os.Symlink("renamed", "soft"))
	target, err := os.Readlink("soft")
	check(err)
	_, missing := os.Open("nowhere")
	fmt.Println("link", target, missing)
	_, err = os.Stat("soft/below")
	fmt.Println("errors", err, errors.Is(err, syscall.ENOTDIR))
	check(os.MkdirAll("deep/er/still", 0o750))
	check(os.Chdir("deep/er"))
	here, err := os.Getwd()
	check(err)
	fmt.Println("in", here)
	check(os.Chdir("../.."))
	check(os.RemoveAll("deep"))
}

// busy keeps a thread in code that the runtime can only leave by a signal, and the collector at work.
func busy(stop *atomic.Bool) {
	for sum := 0; !stop.Load(); {
		for i := 0; i < 1_000_000; i++ {
			sum += i * i
		}
		runtime.GC()
	}
}

func underSignals() {
	var stop atomic.Bool
	var group sync.WaitGroup
	for i := 0; i < 2; i++ {
		go busy(&stop)
	}
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			name := fmt.Sprintf("busy-%d", i)
			content := bytes.Repeat([]byte{byte('a' + i)}, 300_000)
			for round := 0; round < 20; round++ {
				check(os.WriteFile(name, content, 0o600))
				read, err := os.ReadFile(name)
				check(err)
				if !bytes.Equal(read, content) {
					fmt.Println("differs", name, round, len(read))
				}
			}
			check(os.Remove(name))
		}(i)
	}
	group.Wait()
	stop.Store(true)
	fmt.Println("all the same under signals")
}

func copies() {
	from, err := os.Open("noise.bin")
	check(err)
	to, err := os.Create("copy.bin")
	check(err)
	count, err := io.Copy(to, from)
	check(err)
	check(to.Sync())
	check(to.Close())
	content, err := os.ReadFile("copy.bin")
	check(err)
	fmt.Printf("copied %d %x\n", count, sha256.Sum256(content))
	mapped, err := syscall.Mmap(int(from.Fd()), 0, 4096, syscall.PROT_READ, syscall.MAP_PRIVATE)
	check(err)
	fmt.Println("mapped", bytes.Equal(mapped, content[:4096]))
	check(syscall.Munmap(mapped))
	check(syscall.Flock(int(from.Fd()), syscall.LOCK_EX|syscall.LOCK_NB))
	other, err := os.Open("noise.bin")
	check(err)
	fmt.Println("locked", syscall.Flock(int(other.Fd()), syscall.LOCK_EX|syscall.LOCK_NB))
	check(other.Close())
	check(from.Close())
	fmt.Println("closed twice:", from.Close())
}

func runs() {
	command := exec.Command("sort", "-n", "numbers.txt")
	command.Stdin = nil
	output, err := command.Output()
	check(err)
	fmt.Println("sorted", strings.Count(string(output), "\n"))
	appended, err := os.OpenFile("log", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	check(err)
	command = exec.Command("sh", "-c", "pwd; cat; exit 3")
	command.Dir = "library/a"
	command.Stdin = strings.NewReader("from the parent\n")
	command.Stdout = appended
	err = command.Run()
	fmt.Println("ended with", err)
	check(appended.Close())
	log, err := os.ReadFile("log")
	check(err)
	fmt.Printf("%s", log)
}

// serves sends a file through a socket, as sendfile(2) does.
func serves() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	server := &http.Server{Handler: http.FileServer(http.Dir("."))}
	go server.Serve(listener)
	for _, name := range []string{"noise.bin", "poem.txt", "library/", "nowhere"} {
		answer, err := http.Get("http://" + listener.Addr().String() + "/" + name)
		check(err)
		body, err := io.ReadAll(answer.Body)
		check(err)
		fmt.Printf("served %s %d %x\n", name, answer.StatusCode, sha256.Sum256(body))
	}
	check(server.Close())
}

func main() {
	counts()
	walks()
	underSignals()
	copies()
	runs()
	serves()
}
