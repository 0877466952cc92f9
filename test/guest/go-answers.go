// go-answers PATH: says what the file holds, for each line that it reads, from several goroutines.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"sync"
)

const askers = 4

func answer(path string) string {
	bytes, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(bytes))
}

func main() {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var asking sync.WaitGroup
		answers := make([]string, askers)
		for i := range answers {
			asking.Add(1)
			go func(i int) {
				defer asking.Done()
				answers[i] = answer(os.Args[1])
			}(i)
		}
		asking.Wait()
		words := map[string]bool{}
		for _, word := range answers {
			words[word] = true
		}
		for word := range words {
			fmt.Println(word)
		}
	}
}
