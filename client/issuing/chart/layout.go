package chart

import (
	"fmt"
	"math"

	elk "github.com/d2lang/elk-go"
)

// point is a place in the picture, in pixels from its upper left corner.
type point struct{ x, y float64 }

// node is something that needs a place: a box of that size, or a frame around
// others, with room for a header above them.
type node struct {
	id            string
	width, height float64 // of a frame: at least
	header        float64
	inner         []*node

	at point // where it was put, in the picture
}

// edge is an arrow, and the way that it was given.
type edge struct {
	from, to string
	way      []point
}

// inset is the room within a frame.
const inset = 20

// layout finds places for nodes and ways for edges, from left to right, and returns
// the size of it all.
func layout(nodes []*node, edges []*edge) (width, height float64, err error) {
	root := &elk.Graph{ID: elk.StringID("picture"), LayoutOptions: options(0)}
	for _, n := range nodes {
		root.Children = append(root.Children, n.elk())
	}
	for i, e := range edges {
		root.Edges = append(root.Edges, &elk.Edge{ID: elk.StringID(fmt.Sprint("edge ", i)),
			Sources: []elk.ID{elk.StringID(e.from)}, Targets: []elk.ID{elk.StringID(e.to)}})
	}
	if err := elk.Layout(root); err != nil {
		return 0, 0, err
	}
	for i, n := range nodes {
		n.placed(root.Children[i], point{})
	}
	for i, e := range edges {
		for _, s := range root.Edges[i].Sections {
			e.way = append(e.way, round(*s.StartPoint))
			for _, p := range s.BendPoints {
				e.way = append(e.way, round(p))
			}
			e.way = append(e.way, round(*s.EndPoint))
		}
	}
	return math.Ceil(elk.Number(root.Width)), math.Ceil(elk.Number(root.Height)), nil
}

// options are those of the picture and of each frame in it.
func options(header float64) elk.LayoutOptions {
	return elk.LayoutOptions{
		"elk.algorithm": "layered", "elk.direction": "RIGHT", "elk.hierarchyHandling": "INCLUDE_CHILDREN",
		"elk.layered.considerModelOrder.strategy":              "NODES_AND_EDGES",
		"elk.layered.crossingMinimization.forceNodeModelOrder": "true",
		"elk.layered.nodePlacement.bk.fixedAlignment":          "BALANCED",
		"elk.nodeSize.constraints":                             "MINIMUM_SIZE",
		"elk.padding":                                          fmt.Sprintf("[top=%g,left=%d,bottom=%d,right=%d]", inset+header, inset, inset, inset),
		"elk.spacing.nodeNode":                                 "18",
		"elk.layered.spacing.nodeNodeBetweenLayers":            "60",
		"elk.layered.spacing.edgeNodeBetweenLayers":            "24",
		"elk.layered.spacing.edgeEdgeBetweenLayers":            "12",
	}
}

// elk is the node for the library.
func (n *node) elk() *elk.Node {
	to := &elk.Node{ID: elk.StringID(n.id), Width: &n.width, Height: &n.height}
	if n.inner != nil {
		to.LayoutOptions = options(n.header)
		to.LayoutOptions["elk.nodeSize.minimum"] = fmt.Sprintf("(%g, %g)", n.width, n.height)
	}
	for _, each := range n.inner {
		to.Children = append(to.Children, each.elk())
	}
	return to
}

// placed takes what the library has found; its places are those in the frame.
func (n *node) placed(from *elk.Node, frame point) {
	n.at = point{math.Round(frame.x + elk.Number(from.X)), math.Round(frame.y + elk.Number(from.Y))}
	n.width, n.height = math.Ceil(elk.Number(from.Width)), math.Ceil(elk.Number(from.Height))
	for i, each := range n.inner {
		each.placed(from.Children[i], n.at)
	}
}

// round leaves whole pixels, so that another processor's last digits change
// nothing.
func round(p elk.Point) point { return point{math.Round(p.X), math.Round(p.Y)} }
