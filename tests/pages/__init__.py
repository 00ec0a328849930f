"""The pages: what they show to whom, what their forms do, how many questions they ask."""
