package train

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	"partials/datasets"
)

// hashCache remembers the hashes of files by path, size and time of change, in
// the user's cache folder, so that a large corpus is not read again for each
// run. It is a convenience: where it cannot be read or written the files are
// hashed again.
type hashCache struct {
	path    string
	entries map[string]cachedHash
	changed bool
}

type cachedHash struct {
	Size   int64     `json:"size"`
	Time   time.Time `json:"time"`
	SHA256 string    `json:"sha256"`
}

func openHashCache() *hashCache {
	c := &hashCache{entries: map[string]cachedHash{}}
	dir, err := os.UserCacheDir()
	if err != nil {
		return c
	}
	c.path = filepath.Join(dir, "partials", "hashes.json")
	if data, err := os.ReadFile(c.path); err == nil {
		var entries map[string]cachedHash
		if json.Unmarshal(data, &entries) == nil && entries != nil {
			c.entries = entries
		}
	}
	return c
}

// hash returns the SHA-256 of the file at path.
func (c *hashCache) hash(path string, quit func() bool) (string, error) {
	if strings.HasPrefix(path, datasets.EmbeddedPrefix) {
		return hashFile(path, quit)
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if e, ok := c.entries[path]; ok && e.Size == info.Size() && e.Time.Equal(info.ModTime()) {
		return e.SHA256, nil
	}
	sum, err := hashFile(path, quit)
	if err != nil {
		return "", err
	}
	c.entries[path] = cachedHash{info.Size(), info.ModTime(), sum}
	c.changed = true
	return sum, nil
}

func (c *hashCache) save() {
	if c.path == "" || !c.changed {
		return
	}
	data, err := json.Marshal(c.entries)
	if err != nil {
		return
	}
	if os.MkdirAll(filepath.Dir(c.path), 0o755) == nil {
		_ = writeAtomically(c.path, data) // a convenience
	}
}
