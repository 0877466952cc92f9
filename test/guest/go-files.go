// What a static program in Go does with files: goroutines, walks, links, errors.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
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

func main() {
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
}
