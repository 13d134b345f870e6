package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ory/dockertest/v3"
	"github.com/ory/dockertest/v3/docker"
)

const (
	defaultImage = "postgres:18"
	label        = "erp.pgtest" // its value is the keeper's process id
	pullTimeout  = 2 * time.Minute
)

// unusableImage is an image that was asked for by name and cannot be run: falling back would hide that.
type unusableImage struct{ error }

func (e unusableImage) Unwrap() error { return e.error }

// speed trades safety, which throwaway data does not need, for speed.
var speed = map[string]string{"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300"}

// startContainer runs PostgreSQL in a container, through dockertest.
//
// Errors: no Docker engine answers, or it has not the default image; unusableImage.
func startContainer(ctx context.Context) (server, func() error, error) {
	none := func(err error) (server, func() error, error) { return server{}, nil, err }
	pool, err := dockertest.NewPool("")
	if err != nil {
		return none(errors.New("no Docker engine"))
	}
	pinging, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := pool.Client.PingWithContext(pinging); err != nil {
		return none(errors.New("no Docker engine answers"))
	}
	image, asked := os.Getenv("ERP_TEST_POSTGRES_IMAGE"), true
	if image == "" {
		image, asked = defaultImage, false
	}
	refuse := func(err error) (server, func() error, error) {
		if asked {
			return none(unusableImage{fmt.Errorf("ERP_TEST_POSTGRES_IMAGE %s cannot be run: %w", image, err)})
		}
		return none(fmt.Errorf("image %s cannot be run: %w", image, err))
	}
	removeAbandoned(pool)
	repository, tag := split(image)
	if err := ensureImage(ctx, pool, repository, tag); err != nil {
		return refuse(err)
	}
	password := random()
	options := &dockertest.RunOptions{
		Repository: repository, Tag: tag,
		Env:          []string{"POSTGRES_PASSWORD=" + password},
		Cmd:          []string{"postgres"},
		ExposedPorts: []string{"5432/tcp"}, // an image need not say it itself
		PortBindings: map[docker.Port][]docker.PortBinding{"5432/tcp": {{HostIP: "127.0.0.1"}}},
		Labels:       map[string]string{label: strconv.Itoa(os.Getpid())},
	}
	for name, value := range speed {
		options.Cmd = append(options.Cmd, "-c", name+"="+value)
	}
	resource, err := pool.RunWithOptions(options, func(host *docker.HostConfig) { host.AutoRemove = true })
	if err != nil {
		return refuse(err)
	}
	url := fmt.Sprintf("postgres://postgres:%s@%s/postgres?sslmode=disable", password, resource.GetHostPort("5432/tcp"))
	pool.MaxWait = time.Minute
	if err := pool.Retry(func() error { return answers(ctx, url) }); err != nil {
		return refuse(errors.Join(fmt.Errorf("it does not answer: %w", err), pool.Purge(resource)))
	}
	return server{URL: url, Description: fmt.Sprintf("container %s through dockertest (Docker %s)", image, version(pool))},
		func() error { return pool.Purge(resource) }, nil
}

func ensureImage(ctx context.Context, pool *dockertest.Pool, repository, tag string) error {
	if _, err := pool.Client.InspectImage(repository + ":" + tag); err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, pullTimeout)
	defer cancel()
	return pool.Client.PullImage(docker.PullImageOptions{Repository: repository, Tag: tag, Context: ctx}, docker.AuthConfiguration{})
}

// removeAbandoned ends containers whose keeper was killed.
func removeAbandoned(pool *dockertest.Pool) {
	containers, err := pool.Client.ListContainers(docker.ListContainersOptions{Filters: map[string][]string{"label": {label}}})
	if err != nil {
		return // no reason not to start our own
	}
	for _, c := range containers {
		keeper, err := strconv.Atoi(c.Labels[label])
		if err == nil && errors.Is(syscall.Kill(keeper, 0), syscall.ESRCH) {
			_ = pool.Client.RemoveContainer(docker.RemoveContainerOptions{ID: c.ID, Force: true, RemoveVolumes: true})
		}
	}
}

func answers(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

func version(pool *dockertest.Pool) string {
	env, err := pool.Client.Version()
	if err != nil {
		return "of unknown version"
	}
	return env.Get("Version")
}

func split(image string) (repository, tag string) {
	if at := strings.LastIndex(image, ":"); at > strings.LastIndex(image, "/") {
		return image[:at], image[at+1:]
	}
	return image, "latest"
}
